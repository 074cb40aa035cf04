import postgres from "postgres";

/** A pool of connections. 64-bit integers come back as numbers: no count of ours reaches 2^53. */
export type Sql = postgres.Sql<{ bigint: number }>;

/** Opens a pool. Nothing is connected before the first query; server notices are dropped instead of printed to stdout. */
export function connect(url: string, options: { readonly max: number }): Sql {
  return postgres(url, {
    max: options.max,
    onnotice: () => undefined,
    connect_timeout: 10,
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  });
}
