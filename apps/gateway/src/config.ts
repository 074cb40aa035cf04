import { z } from "zod";

/** Everything that decides how a gateway runs; read once from the environment. */
const environment = z.object({
  CASEROOM_GATEWAY_ID: z.string().regex(/^[a-z0-9][a-z0-9-]{1,31}$/),
  CASEROOM_GATEWAY_NAME: z.string().min(1).max(128),
  CASEROOM_GATEWAY_HOST: z.string().default("127.0.0.1"),
  CASEROOM_GATEWAY_PORT: z.coerce.number().int().min(1).max(65_535),
  /** Where staff reach it; the origin of the web app. */
  CASEROOM_GATEWAY_URL: z.url(),
  CASEROOM_GATEWAY_DATA: z.string().min(1),
  CASEROOM_GATEWAY_PG_PORT: z.coerce.number().int().min(1).max(65_535).default(8441),
  DATABASE_URL: z.string().optional(),
  CASEROOM_GATEWAY_MLLP_HOST: z.string().default("127.0.0.1"),
  CASEROOM_GATEWAY_MLLP_PORT: z.coerce.number().int().min(1).max(65_535),
  /** PEM files; with both, MLLP is spoken over TLS, and with a CA as well senders must show a certificate. */
  CASEROOM_GATEWAY_MLLP_TLS_KEY: z.string().optional(),
  CASEROOM_GATEWAY_MLLP_TLS_CERT: z.string().optional(),
  CASEROOM_GATEWAY_MLLP_TLS_CA: z.string().optional(),
  /** JSON of what is particular about senders of HL7 v2 (docs/senders.md); read once. */
  CASEROOM_GATEWAY_SENDERS: z.string().min(1).optional(),
  CASEROOM_HUB_URL: z.url(),
  /** Where this gateway itself reaches the hub when that is not the hub's own address: the institution's outbound proxy. */
  CASEROOM_HUB_VIA: z.url().optional(),
  /** Only for the very first start: lets an institution found itself at a hub that does not know it yet. */
  CASEROOM_HUB_BOOTSTRAP_TOKEN: z.string().optional(),
  /** `auto`: a member of staff who proves password and code gets a credential at once. `officer`: a person issues it. */
  CASEROOM_GATEWAY_ENROL: z.enum(["auto", "officer"]).default("officer"),
  /** `confirm`: an HKID that agrees links at once, as the demo does. `ask`: it is only suggested. */
  CASEROOM_GATEWAY_LINK_POLICY: z.enum(["confirm", "ask"]).default("ask"),
  CASEROOM_GATEWAY_DICOM_HOST: z.string().default("127.0.0.1"),
  CASEROOM_GATEWAY_DICOM_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  CASEROOM_GATEWAY_DICOM_AET: z
    .string()
    .regex(/^[\x21-\x7e]{1,16}$/)
    .default("CASEROOM"),
  /** Systems that may query and retrieve by DICOM, as TITLE@ADDRESS with blanks between; TITLE may be *. Without any, nobody may. */
  CASEROOM_GATEWAY_DICOM_READERS: z
    .string()
    .regex(/^\s*([\x21-\x3f\x41-\x7e]{1,16}@[0-9a-fA-F.:]+\s*)*$/)
    .default(""),
  /** Who issues patient ids that come without an issuer, as the institution's own devices send them. */
  CASEROOM_GATEWAY_DICOM_ISSUER: z.string().min(1).max(64).optional(),
  /** Origins that FHIR subscriptions may call, with blanks between; without any, only this machine. */
  CASEROOM_GATEWAY_FHIR_HOOKS: z.string().default(""),
  /** Roles of staff who tend the quarantine and the links between charts, with commas between; without any, all staff do. */
  CASEROOM_GATEWAY_QUARANTINE_ROLES: z.string().default(""),
  CASEROOM_GATEWAY_DEMO: z.enum(["yes", "no"]).default("no"),
  /** The built web app. */
  CASEROOM_GATEWAY_WEB: z.string().optional(),
});

export type GatewayConfig = {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly dataDir: string;
  readonly postgresPort: number;
  readonly databaseUrl: string | undefined;
  readonly mllp: {
    readonly host: string;
    readonly port: number;
    readonly tls: { readonly key: string; readonly cert: string; readonly ca: string | undefined } | undefined;
  };
  /** Absent: no DICOM service listens. */
  readonly dicom:
    | {
        readonly host: string;
        readonly port: number;
        readonly aet: string;
        readonly readers: readonly { readonly aet: string; readonly address: string }[];
      }
    | undefined;
  readonly dicomIssuer: string | undefined;
  readonly sendersFile: string | undefined;
  readonly hubUrl: string;
  readonly hubVia: string | undefined;
  readonly bootstrapToken: string | undefined;
  readonly enrol: "auto" | "officer";
  readonly linkPolicy: "confirm" | "ask";
  readonly fhirHooks: readonly string[];
  readonly quarantineRoles: readonly string[];
  readonly isDemo: boolean;
  readonly webRoot: string | undefined;
};

/** The configuration, or the names of the variables that are missing or wrong. */
export function readConfig(env: NodeJS.ProcessEnv): GatewayConfig | { readonly problems: readonly string[] } {
  const parsed = environment.safeParse(env);
  if (!parsed.success)
    return { problems: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) };
  const value = parsed.data;
  const key = value.CASEROOM_GATEWAY_MLLP_TLS_KEY;
  const cert = value.CASEROOM_GATEWAY_MLLP_TLS_CERT;
  return {
    id: value.CASEROOM_GATEWAY_ID,
    name: value.CASEROOM_GATEWAY_NAME,
    host: value.CASEROOM_GATEWAY_HOST,
    port: value.CASEROOM_GATEWAY_PORT,
    url: value.CASEROOM_GATEWAY_URL,
    dataDir: value.CASEROOM_GATEWAY_DATA,
    postgresPort: value.CASEROOM_GATEWAY_PG_PORT,
    databaseUrl: value.DATABASE_URL,
    mllp: {
      host: value.CASEROOM_GATEWAY_MLLP_HOST,
      port: value.CASEROOM_GATEWAY_MLLP_PORT,
      tls: key === undefined || cert === undefined ? undefined : { key, cert, ca: value.CASEROOM_GATEWAY_MLLP_TLS_CA },
    },
    dicom:
      value.CASEROOM_GATEWAY_DICOM_PORT === undefined
        ? undefined
        : {
            host: value.CASEROOM_GATEWAY_DICOM_HOST,
            port: value.CASEROOM_GATEWAY_DICOM_PORT,
            aet: value.CASEROOM_GATEWAY_DICOM_AET,
            readers: words(value.CASEROOM_GATEWAY_DICOM_READERS).map((reader) => {
              const [aet = "", address = ""] = reader.split("@");
              return { aet, address };
            }),
          },
    dicomIssuer: value.CASEROOM_GATEWAY_DICOM_ISSUER,
    sendersFile: value.CASEROOM_GATEWAY_SENDERS,
    hubUrl: value.CASEROOM_HUB_URL,
    hubVia: value.CASEROOM_HUB_VIA,
    bootstrapToken: value.CASEROOM_HUB_BOOTSTRAP_TOKEN,
    enrol: value.CASEROOM_GATEWAY_ENROL,
    linkPolicy: value.CASEROOM_GATEWAY_LINK_POLICY,
    fhirHooks: words(value.CASEROOM_GATEWAY_FHIR_HOOKS),
    quarantineRoles: value.CASEROOM_GATEWAY_QUARANTINE_ROLES.split(",").flatMap((role) => role.trim() || []),
    isDemo: value.CASEROOM_GATEWAY_DEMO === "yes",
    webRoot: value.CASEROOM_GATEWAY_WEB,
  };
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((one) => one !== "");
}
