import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common'
import { getRepositoryToken } from '@nestjs/typeorm'
import type { Repository } from 'typeorm'
import { User } from './user.entity.ts'

export interface RequestOfUser {
  readonly headers: { readonly authorization?: string }
  user: User | undefined
}

/** Finds the user in the database, after every middleware has run. */
@Injectable()
export class TokenGuard implements CanActivate {
  readonly #users: Repository<User>

  constructor(@Inject(getRepositoryToken(User)) users: Repository<User>) {
    this.#users = users
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<RequestOfUser>()
    const token = request.headers.authorization?.replace(/^Bearer /u, '') ?? ''
    request.user = (await this.#users.findOneBy({ token })) ?? undefined
    return request.user !== undefined
  }
}
