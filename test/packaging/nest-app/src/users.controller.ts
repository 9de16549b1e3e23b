import { Body, Controller, Get, Post } from '@nestjs/common'
import { UsersService } from './users.service'

@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  names(): Promise<string[]> {
    return this.users.names()
  }

  @Post()
  async add(@Body('name') name: string): Promise<string> {
    return (await this.users.add(name)).name
  }
}
