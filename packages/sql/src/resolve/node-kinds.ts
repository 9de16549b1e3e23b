/**
 * What the kinds of nodes are to somebody who looks for columns in an expression. Every kind of the parser's `Node` is in
 * exactly one of these tables or in `EXPRESSIONS` (read/expression.ts), which has what is left, or the compiler says so: a new
 * kind of a new PostgreSQL, and a new part of a kind that is walked through, has to be looked at first.
 */
import type { Node } from 'libpg-query'
import type { NodeKind, NodeOf, Same } from '../parse/node-kind.ts'

/** Nothing inside of them could name a column. */
export const LEAVES = {
  A_Const: true,
  /** Of `(f()).*`, and of `count(*)`'s kin. */
  A_Star: true,
  /** `WHERE CURRENT OF cur` */
  CurrentOfExpr: true,
  JsonFormat: true,
  JsonReturning: true,
  /** A literal and a name, by PostgreSQL's grammar. */
  JsonTablePathSpec: true,
  /** `merge_action()` */
  MergeSupportFunc: true,
  ParamRef: true,
  SetToDefault: true,
  /** `current_date` and its kin. */
  SQLValueFunction: true,
  /** A field or a name. */
  String: true,
} as const satisfies { readonly [K in NodeKind]?: true }

type LeafKind = keyof typeof LEAVES

/** The kinds whose fields a part without a key can be. */
type KindOf<Part> = { [K in NodeKind]: Same<NodeOf<K>, Part> extends true ? K : never }[NodeKind]

/** How a part is walked: as nodes, as the kind that it is of without saying so, or not at all. */
type How<Part> = [Part] extends [Node | readonly Node[]] ? 'nodes' | 'nothing' : KindOf<Part> | 'nothing'

/** Parts of a node, other than words, numbers and `xpr`, which is PostgreSQL's own and always empty. */
type PartName<Fields> = {
  [F in keyof Fields]-?: F extends 'xpr' ? never : NonNullable<Fields[F]> extends Plain ? never : F
}[keyof Fields]

type Plain = string | number | boolean | bigint | readonly bigint[]

type Walk<K extends NodeKind> = {
  readonly [F in PartName<NodeOf<K>>]: F extends keyof NodeOf<K> ? How<NonNullable<NodeOf<K>[F]>> : never
}

/** Every part of a kind is told: a part that is new has to be looked at. */
export type WalkedThrough = { readonly [K in Exclude<NodeKind, LeafKind>]?: Walk<K> }

/** They are nothing but their parts, each of which is a value by itself. */
export const WALKED_THROUGH = {
  A_ArrayExpr: { elements: 'nodes' },
  A_Indices: { lidx: 'nodes', uidx: 'nodes' },
  BoolExpr: { args: 'nodes' },
  BooleanTest: { arg: 'nodes' },
  CaseExpr: { arg: 'nodes', args: 'nodes', defresult: 'nodes' },
  CaseWhen: { expr: 'nodes', result: 'nodes' },
  CoalesceExpr: { args: 'nodes' },
  CollateClause: { arg: 'nodes', collname: 'nothing' },
  /** A column of a list of definitions behind a function in FROM: a name and a type. */
  ColumnDef: {
    ...{ typeName: 'TypeName', raw_default: 'nothing', cooked_default: 'nothing', identitySequence: 'nothing' },
    ...{ collClause: 'nothing', constraints: 'nothing', fdwoptions: 'nothing' },
  },
  JsonAggConstructor: { output: 'JsonOutput', agg_filter: 'nodes', agg_order: 'nodes', over: 'WindowDef' },
  JsonArgument: { val: 'JsonValueExpr' },
  JsonArrayAgg: { constructor: 'JsonAggConstructor', arg: 'JsonValueExpr' },
  JsonArrayConstructor: { exprs: 'nodes', output: 'JsonOutput' },
  JsonArrayQueryConstructor: { query: 'nodes', output: 'JsonOutput', format: 'nothing' },
  JsonBehavior: { expr: 'nodes' },
  JsonFuncExpr: {
    ...{ context_item: 'JsonValueExpr', pathspec: 'nodes', passing: 'nodes', output: 'JsonOutput' },
    ...{ on_empty: 'JsonBehavior', on_error: 'JsonBehavior' },
  },
  JsonIsPredicate: { expr: 'nodes', format: 'nothing' },
  JsonKeyValue: { key: 'nodes', value: 'JsonValueExpr' },
  JsonObjectAgg: { constructor: 'JsonAggConstructor', arg: 'JsonKeyValue' },
  JsonObjectConstructor: { exprs: 'nodes', output: 'JsonOutput' },
  JsonOutput: { typeName: 'TypeName', returning: 'nothing' },
  JsonParseExpr: { expr: 'JsonValueExpr', output: 'JsonOutput' },
  JsonScalarExpr: { expr: 'nodes', output: 'JsonOutput' },
  JsonSerializeExpr: { expr: 'JsonValueExpr', output: 'JsonOutput' },
  JsonTable: {
    ...{ context_item: 'JsonValueExpr', pathspec: 'nothing', passing: 'nodes', columns: 'nodes' },
    ...{ on_error: 'JsonBehavior', alias: 'nothing' },
  },
  JsonTableColumn: {
    ...{ typeName: 'TypeName', pathspec: 'nothing', format: 'nothing', columns: 'nodes' },
    ...{ on_empty: 'JsonBehavior', on_error: 'JsonBehavior' },
  },
  JsonValueExpr: { raw_expr: 'nodes', formatted_expr: 'nothing', format: 'nothing' },
  List: { items: 'nodes' },
  MinMaxExpr: { args: 'nodes' },
  NamedArgExpr: { arg: 'nodes' },
  /** XMLTABLE. */
  RangeTableFunc: { docexpr: 'nodes', rowexpr: 'nodes', namespaces: 'nodes', columns: 'nodes', alias: 'nothing' },
  RangeTableFuncCol: { typeName: 'TypeName', colexpr: 'nodes', coldefexpr: 'nodes' },
  SortBy: { node: 'nodes', useOp: 'nothing' },
  XmlExpr: { named_args: 'nodes', arg_names: 'nothing', args: 'nodes' },
  XmlSerialize: { expr: 'nodes', typeName: 'TypeName' },
} as const satisfies WalkedThrough

type WalkedKind = keyof typeof WALKED_THROUGH

/** Each part that is walked, with its kind where it does not say that itself. */
export type WalkedPart = readonly [name: string, how: 'nodes' | NodeKind]

/** The parts of the kinds that are walked through, in the order in which they are walked. */
export const PARTS: { readonly [K in NodeKind]?: readonly WalkedPart[] } = Object.fromEntries(
  Object.entries(WALKED_THROUGH).map(([kind, parts]) => [
    kind,
    Object.entries(parts).flatMap(([name, how]): readonly WalkedPart[] => (how === 'nothing' ? [] : [[name, how]])),
  ]),
)

/** Statements; SELECT is an expression's as well. */
type StatementKind = Exclude<Extract<NodeKind, `${string}Stmt`>, 'SelectStmt'>

/** Parts of queries, each planned where it stands. */
type ClauseKind =
  | 'Alias'
  | 'CommonTableExpr'
  | 'CTECycleClause'
  | 'CTESearchClause'
  | 'GroupingSet'
  | 'IndexElem'
  | 'InferClause'
  | 'IntoClause'
  | 'JoinExpr'
  | 'LockingClause'
  | 'MergeWhenClause'
  | 'MultiAssignRef'
  | 'OnConflictClause'
  | 'RangeFunction'
  | 'RangeSubselect'
  | 'RangeTableSample'
  | 'RangeVar'
  | 'ReturningClause'
  | 'ReturningOption'
  | 'WithClause'

/** Parts of statements that define something. */
type DefinitionKind =
  | 'AccessPriv'
  | 'AlterTableCmd'
  | 'ATAlterConstraint'
  | 'Constraint'
  | 'CreateOpClassItem'
  | 'DefElem'
  | 'FunctionParameter'
  | 'ObjectWithArgs'
  | 'PartitionBoundSpec'
  | 'PartitionCmd'
  | 'PartitionElem'
  | 'PartitionRangeDatum'
  | 'PartitionSpec'
  | 'PublicationObjSpec'
  | 'PublicationTable'
  | 'RoleSpec'
  | 'StatsElem'
  | 'TableLikeClause'
  | 'TriggerTransition'
  | 'VacuumRelation'

/** What PostgreSQL makes of the tree afterwards, and what the parser's library puts around it. */
type LaterKind =
  | 'Aggref'
  | 'AlternativeSubPlan'
  | 'ArrayCoerceExpr'
  | 'ArrayExpr'
  | 'BitString'
  | 'Boolean'
  | 'CallContext'
  | 'CaseTestExpr'
  | 'CoerceToDomain'
  | 'CoerceToDomainValue'
  | 'CoerceViaIO'
  | 'CollateExpr'
  | 'ConvertRowtypeExpr'
  | 'DistinctExpr'
  | 'FieldSelect'
  | 'FieldStore'
  | 'FilterColumn'
  | 'Float'
  | 'FromExpr'
  | 'FuncExpr'
  | 'Function'
  | 'InferenceElem'
  | 'InlineCodeBlock'
  | 'Integer'
  | 'IntList'
  | 'JsonConstructorExpr'
  | 'JsonExpr'
  | 'JsonTablePath'
  | 'JsonTablePathScan'
  | 'JsonTableSiblingJoin'
  | 'MergeAction'
  | 'NextValueExpr'
  | 'NullIfExpr'
  | 'OidList'
  | 'OnConflictExpr'
  | 'OpExpr'
  | 'Param'
  | 'ParseResult'
  | 'Query'
  | 'RangeTblEntry'
  | 'RangeTblFunction'
  | 'RangeTblRef'
  | 'RelabelType'
  | 'ReturningExpr'
  | 'RowCompareExpr'
  | 'RowMarkClause'
  | 'RTEPermissionInfo'
  | 'ScalarArrayOpExpr'
  | 'ScanResult'
  | 'ScanToken'
  | 'SortGroupClause'
  | 'SubPlan'
  | 'SubscriptingRef'
  | 'SummaryResult'
  | 'Table'
  | 'TableFunc'
  | 'TableSampleClause'
  | 'TargetEntry'
  | 'Var'
  | 'WindowClause'
  | 'WindowFunc'
  | 'WindowFuncRunCondition'
  | 'WithCheckOption'

/** Kinds of which none is a leaf or walked through, and each is one that the parser knows. */
export type Others<Kind extends Exclude<NodeKind, LeafKind | WalkedKind>> = Kind

/** They never stand in an expression: met there, they are something that nobody has looked at. */
type ElsewhereKind = Others<StatementKind | ClauseKind | DefinitionKind | LaterKind>

/** Every kind that an expression can have in it. */
export type KindInExpression = Exclude<NodeKind, ElsewhereKind>

/** What is left: kinds that mean something to whoever looks for columns. */
export type ExpressionKind = Exclude<KindInExpression, LeafKind | WalkedKind>
