import type { EntityTarget } from 'typeorm'
import type { ShopEntities } from '../shop/entities.ts'
import { type Shop, type Step, step } from './step.ts'

type Node = InstanceType<ShopEntities['Category' | 'Folder' | 'Region']>

const kinds = {
  'closure table': ({ entities }: Shop) => entities.Category,
  'materialized path': ({ entities }: Shop) => entities.Folder,
  'nested set': ({ entities }: Shop) => entities.Region,
} as const

const ofKind = ([kind, entityOf]: [string, (shop: Shop) => EntityTarget<Node>]): readonly Step[] => [
  step(`${kind}: save`, async (shop) => {
    const trees = shop.source.getTreeRepository(entityOf(shop))
    const root = await trees.save({ caption: 'root' })
    const left = await trees.save({ caption: 'left', parent: root })
    await trees.save({ caption: 'right', parent: root })
    return trees.save({ caption: 'leaf', parent: left })
  }),
  step(`${kind}: read`, async (shop) => {
    const trees = shop.source.getTreeRepository(entityOf(shop))
    const left = await trees.findOneByOrFail({ caption: 'left' })
    return [
      await trees.findTrees(),
      await trees.findRoots(),
      await trees.findDescendants(left),
      await trees.findAncestorsTree(left),
      await trees.countDescendants(left),
      await trees.createDescendantsQueryBuilder('n', 'nc', left).andWhere("n.caption = 'leaf'").getMany(),
    ]
  }),
  step(`${kind}: change`, async (shop) => {
    const trees = shop.source.getTreeRepository(entityOf(shop))
    await trees.update({ caption: 'leaf' }, { caption: 'green leaf' })
    const right = await trees.findOneByOrFail({ caption: 'right' })
    const leaf = await trees.findOneByOrFail({ caption: 'green leaf' })
    leaf.parent = right
    return [await trees.save(leaf), await trees.findDescendantsTree(right)]
  }),
]

export const TREES: readonly Step[] = Object.entries(kinds).flatMap(ofKind)
