import type { MigratingDataSource } from '@expand-contract/typeorm'
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common'
import { Observable } from 'rxjs'
import { DataSource } from 'typeorm'
import type { RequestOfUser } from './token.guard.ts'

/** Interceptors run after guards, so the user is known: from here on the request reads what the flags say for that user. */
@Injectable()
export class RequestContext implements NestInterceptor {
  readonly #dataSource: MigratingDataSource

  constructor(@Inject(DataSource) dataSource: MigratingDataSource) {
    this.#dataSource = dataSource
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { user } = context.switchToHttp().getRequest<RequestOfUser>()
    // `next.handle()` has to be called within the context as well: Nest takes the handler's from there.
    return new Observable((subscriber) =>
      this.#dataSource.withContext({ userId: String(user?.id ?? 'nobody') }, () => next.handle().subscribe(subscriber)),
    )
  }
}
