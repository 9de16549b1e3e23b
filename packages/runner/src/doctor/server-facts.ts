/** A setting of sessions: what a session of this database has unless its role says otherwise. */
export interface SettingFacts {
  readonly name: string
  /** undefined: this role cannot tell. */
  readonly value: string | undefined
  /** Roles with a value of their own. */
  readonly roles: readonly { readonly role: string; readonly value: string }[]
}

/** What doctor knows of a server and of the way to it. */
export interface ServerDoctorFacts {
  /** `server_version_num`. */
  readonly version: number
  readonly database: string
  readonly role: string
  readonly standby: boolean
  readonly settings: readonly SettingFacts[]
  /** Whether something stands between, and whether it hands one connection of the server to several clients. */
  readonly pooler: 'none' | 'some' | 'shared' | 'unknown'
  /** Of the volume of the data directory; undefined where it is not known. */
  readonly freeBytes: number | undefined
  /** Bytes that filling the new columns takes, WAL included. */
  readonly neededBytes: number
  /** Of those that the commands make use of. */
  readonly extensions: readonly string[]
  readonly slots: readonly { readonly name: string; readonly active: boolean; readonly retainedBytes: number | null }[]
  readonly replicas: readonly { readonly name: string; readonly seconds: number; readonly bytes: number }[]
  readonly prepared: readonly { readonly gid: string; readonly owner: string; readonly seconds: number }[]
  readonly transactions: readonly {
    readonly pid: number
    readonly application: string
    readonly role: string
    readonly state: string
    readonly seconds: number
  }[]
  /** The role may see what sessions of others do. */
  readonly seesSessions: boolean
  readonly limits: DoctorLimits
}

export interface DoctorLimits {
  /** Seconds for which a transaction may be open. @defaultValue 300 */
  readonly transactionSeconds: number
  /** Seconds that a replica may be behind. @defaultValue 5 */
  readonly lagSeconds: number
}
