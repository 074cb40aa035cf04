import { err, ok, type Result } from "@caseroom/contract";
import { z } from "zod";

/** Everything that the hub can be told from outside; the only place that reads the environment. */
const port = z.coerce.number().int().min(1).max(65_535);
const schema = z
  .object({
    CASEROOM_HUB_PORT: port.default(7400),
    CASEROOM_HUB_HOST: z.string().min(1).default("127.0.0.1"),
    CASEROOM_HUB_DATA: z.string().min(1).default("data/hub"),
    CASEROOM_HUB_PG_PORT: port.default(7401),
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    CASEROOM_HUB_URL: z.url({ protocol: /^https?$/ }).optional(),
    CASEROOM_HUB_BOOTSTRAP_TOKEN: z.string().min(16).optional(),
    CASEROOM_HUB_ALLOWED_ORIGINS: z
      .string()
      .default("")
      .transform((list) => list.split(",").flatMap((origin) => origin.trim() || [])),
    CASEROOM_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "silent"]).default("info"),
  })
  .transform((env) => ({
    port: env.CASEROOM_HUB_PORT,
    host: env.CASEROOM_HUB_HOST,
    dataDir: env.CASEROOM_HUB_DATA,
    postgresPort: env.CASEROOM_HUB_PG_PORT,
    databaseUrl: env.DATABASE_URL,
    publicUrl: env.CASEROOM_HUB_URL ?? `http://localhost:${env.CASEROOM_HUB_PORT}`,
    bootstrapToken: env.CASEROOM_HUB_BOOTSTRAP_TOKEN,
    allowedOrigins: env.CASEROOM_HUB_ALLOWED_ORIGINS,
    logLevel: env.CASEROOM_LOG_LEVEL,
  }));

export type HubEnv = z.output<typeof schema>;

/** The settings, or the names of the variables that are wrong; never their values. */
export function readHubEnv(env: Readonly<Record<string, string | undefined>>): Result<HubEnv, readonly string[]> {
  const parsed = schema.safeParse(env);
  return parsed.success ? ok(parsed.data) : err([...new Set(parsed.error.issues.map((one) => one.path.join(".")))]);
}
