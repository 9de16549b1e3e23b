/** SQL literals of the values on which a mapping breaks first, by type. */
const TEXT = [
  "''",
  "' '",
  "'Cher'",
  "'Ada Lovelace'",
  "'Ada  Lovelace'",
  "' Ada'",
  "'Ada '",
  "'Gabriel García Márquez'",
  "E'two\\nlines of text'",
  "E'a\\ttab'",
  "'O''Hara, \"Bob\" \\ {NULL}'",
  "'NULL'",
  "'👩‍🚀 東京 é'",
  "repeat('long ', 19)",
]

const INTEGER = (bits: bigint): readonly string[] => [
  '0',
  '1',
  '-1',
  '99',
  '100',
  '-101',
  `${2n ** (bits - 1n) - 1n}`,
  `(${-(2n ** (bits - 1n))})`,
]

const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  text: TEXT,
  varchar: TEXT,
  int4: INTEGER(32n),
  integer: INTEGER(32n),
  int8: INTEGER(64n),
  'double precision': ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", '0.1', '1e308', '-5e-324', '52.520008'],
  date: ["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'2024-02-29'", "'5874897-12-31'"],
  time: ["'00:00'", "'24:00'", "'23:59:59.999999'"],
}

const ALIASES: Readonly<Record<string, string>> = { float8: 'double precision', int: 'int4', bigint: 'int8' }

/** NULL among them. */
export function nastyValues(type: string): readonly string[] {
  const [name = ''] = type.toLowerCase().split('(')
  const values = BY_TYPE[ALIASES[name] ?? name]
  if (values === undefined) throw new Error(`No values of the type ${type} are known to this test; add some.`)
  return ['NULL', ...values]
}
