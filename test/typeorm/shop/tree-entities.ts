import { Entity, PrimaryGeneratedColumn, Tree, TreeChildren, TreeParent } from 'typeorm'
import { field, type ShopShape } from './fields.ts'

/** A tree of each kind that TypeORM has, all with a migrating column in their base class. */
export function treeEntities(shape: ShopShape) {
  abstract class Node {
    @PrimaryGeneratedColumn()
    id!: number

    @field(shape, 'caption')
    caption!: string
  }

  @Entity('categories')
  @Tree('closure-table')
  class Category extends Node {
    @TreeChildren({ cascade: true })
    children!: Category[]

    @TreeParent()
    parent?: Category | null
  }

  @Entity('folders')
  @Tree('materialized-path')
  class Folder extends Node {
    @TreeChildren({ cascade: true })
    children!: Folder[]

    @TreeParent()
    parent?: Folder | null
  }

  @Entity('regions')
  @Tree('nested-set')
  class Region extends Node {
    @TreeChildren({ cascade: true })
    children!: Region[]

    @TreeParent()
    parent?: Region | null
  }

  return { Category, Folder, Region }
}
