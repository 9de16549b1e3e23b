import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { Repository } from 'typeorm'
import { User } from './user.entity'

@Injectable()
export class UsersService {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  add(name: string): Promise<User> {
    return this.users.save({ name })
  }

  async names(): Promise<string[]> {
    const users = await this.users.find({ order: { id: 'ASC' } })
    return users.map(({ name }) => name)
  }
}
