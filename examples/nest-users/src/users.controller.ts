import { Body, Controller, Get, Inject, Post, Req, UseGuards } from '@nestjs/common'
import { getRepositoryToken } from '@nestjs/typeorm'
import { DataSource, type Repository } from 'typeorm'
import { type RequestOfUser, TokenGuard } from './token.guard.ts'
import { User } from './user.entity.ts'

@Controller('users')
export class UsersController {
  readonly #users: Repository<User>
  readonly #dataSource: DataSource

  constructor(@Inject(getRepositoryToken(User)) users: Repository<User>, @Inject(DataSource) dataSource: DataSource) {
    this.#users = users
    this.#dataSource = dataSource
  }

  @Get()
  @UseGuards(TokenGuard)
  async names(): Promise<readonly string[]> {
    const users = await this.#users.find({ order: { id: 'ASC' } })
    return users.map(({ name }) => name)
  }

  @Get('me')
  @UseGuards(TokenGuard)
  async me(@Req() { user }: RequestOfUser): Promise<string> {
    const { name } = await this.#dataSource.transaction((manager) =>
      manager.findOneByOrFail(User, { id: user?.id ?? 0 }),
    )
    return name
  }

  @Post()
  async register(@Body() { name, token }: Pick<User, 'name' | 'token'>): Promise<number> {
    const { id } = await this.#users.save({ name, token })
    return id
  }
}
