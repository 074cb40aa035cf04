export { connect, type Sql } from "./connect.ts";
export { runMigrations } from "./migrations.ts";
export { dumpSchema } from "./schema-dump.ts";
export { type EmbeddedPostgres, startPostgres } from "./start-postgres.ts";
