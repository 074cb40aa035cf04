import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { PersonAddress, PersonRecord } from "@caseroom/clinical/matching";

/** A record with the person whom the data set says that it is of. */
export type KnownRecord = {
  readonly id: string;
  readonly entity: string;
  readonly person: PersonRecord;
  /** What the data set expects of this record; absent where a match is a match. */
  readonly expected?: string;
};

/** Either the pairs within `left`, or those between the two. */
export type LinkageData = {
  readonly name: string;
  readonly left: readonly KnownRecord[];
  readonly right?: readonly KnownRecord[];
};

type Row = { readonly [column: string]: string };

/** Every data set that a folder and its folders hold: FEBRL's CSV files, Splink's, and CDC's seed with its test. */
export function readLinkageData(folder: string): readonly LinkageData[] {
  return filesOf(folder).flatMap((file) => {
    const name = basename(file).replace(/\.csv(\.gz)?$/, "");
    if (name.endsWith("b") && existsSync(file.replace(/b(\.csv(?:\.gz)?)$/, "a$1"))) return [];
    const rows = readCsv(file);
    const [first] = rows;
    if (first === undefined) return [];
    if ("rec_id" in first) {
      const other = file.replace(/a(\.csv(?:\.gz)?)$/, "b$1");
      const isTwo = other !== file && existsSync(other);
      const label = `febrl-${(isTwo ? name.slice(0, -1) : name).replace(/^dataset/, "")}`;
      return [
        { name: label, left: rows.map(febrlRecord), ...(isTwo ? { right: readCsv(other).map(febrlRecord) } : {}) },
      ];
    }
    if ("cluster" in first && "unique_id" in first) return [{ name: `splink-${name}`, left: rows.map(splinkRecord) }];
    const test = file.replace("seed", "test");
    if (!("Match Id" in first) || test === file || !existsSync(test)) return [];
    const people = mergeDuplicates(rows);
    const records = (each: Row, index: number): KnownRecord => cdcRecord(each, index, people);
    return [
      {
        name: `cdc-${name.replace(/_seed.*/, "")}`,
        left: rows.map(records),
        right: readCsv(test).map(records).filter(isJudged),
      },
    ];
  });
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.csv(\.gz)?$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}

function febrlRecord(row: Row): KnownRecord {
  const id = row.rec_id ?? "";
  return {
    id,
    entity: /^rec-(\d+)/.exec(id)?.[1] ?? id,
    person: {
      names: [{ family: row.surname ?? "", given: [row.given_name ?? ""] }],
      birthDate: row.date_of_birth ?? "",
      identifiers: [{ system: "national-number", value: row.soc_sec_id ?? "" }],
      addresses: [
        addressOf({
          number: row.street_number,
          street: row.address_1,
          building: row.address_2,
          locality: row.suburb,
          postcode: row.postcode,
          region: row.state,
        }),
      ],
      phones: row.phone_number === undefined ? [] : [row.phone_number],
    },
  };
}

function splinkRecord(row: Row): KnownRecord {
  return {
    id: row.unique_id ?? "",
    entity: row.cluster ?? "",
    person: {
      names: [{ family: row.surname ?? "", given: [row.first_name ?? ""] }],
      birthDate: row.dob ?? "",
      addresses: [addressOf({ locality: row.city })],
      emails: [row.email ?? ""],
    },
  };
}

/** A case that is to fail for its form (a thirteenth month) is none of a matcher. */
function isJudged({ expected }: KnownRecord): boolean {
  return expected !== "failed";
}

/** CDC's seed holds a few people twice, under two Match Ids: who has one social security number there is one person here. */
function mergeDuplicates(rows: readonly Row[]): ReadonlyMap<string, string> {
  const bySsn = new Map<string, string>();
  for (const row of rows) if (row.SSN && !bySsn.has(row.SSN)) bySsn.set(row.SSN, row["Match Id"] ?? "");
  return new Map(rows.map((row) => [row["Match Id"] ?? "", bySsn.get(row.SSN ?? "") ?? row["Match Id"] ?? ""]));
}

function cdcRecord(row: Row, index: number, people: ReadonlyMap<string, string>): KnownRecord {
  const given = row.FIRST ?? "";
  const [, number, street] = /^(\d+)\s+(.*)$/.exec(row.ADDRESS ?? "") ?? [];
  const expected = row["Expected Result"];
  return {
    id: `${expected === undefined ? "seed" : "case"}-${row["Test Case #"] ?? index + 1}`,
    entity: people.get(row["Match Id"] ?? "") ?? row["Match Id"] ?? "",
    ...(expected === undefined ? {} : { expected }),
    person: {
      names: [
        { family: row.LAST ?? "", given: [given], ...(row.SUFFIX ? { suffix: row.SUFFIX } : {}) },
        ...(row.MAIDEN ? [{ family: row.MAIDEN, given: [given] }] : []),
      ],
      birthDate: isoDate(row.BIRTHDATE ?? ""),
      ...(row.GENDER === "F" ? { sex: "female" as const } : row.GENDER === "M" ? { sex: "male" as const } : {}),
      identifiers: [{ system: "national-number", value: row.SSN ?? "" }],
      addresses: [
        addressOf({ number, street: street ?? row.ADDRESS, locality: row.CITY, postcode: row.ZIP, region: row.STATE }),
      ],
    },
  };
}

/** `6/8/48`, as a few rows of CDC's seed have it, is 1948-06-08. */
function isoDate(text: string): string {
  const [, month = "", day = "", year = ""] = /^(\d{1,2})\/(\d{1,2})\/(\d{2})$/.exec(text) ?? [];
  if (month === "") return text;
  return `${Number(year) > 25 ? "19" : "20"}${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function addressOf(parts: { readonly [part in keyof PersonAddress]: string | undefined }): PersonAddress {
  return Object.fromEntries(Object.entries(parts).filter(([, text]) => text !== undefined && text !== ""));
}

/** RFC 4180: commas, quotes, doubled quotes; the first line names the columns. */
function readCsv(file: string): readonly Row[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const columns = cellsOf(lines[0] ?? "");
  return lines.slice(1).map((line) => {
    const cells = cellsOf(line);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
  });
}

function cellsOf(line: string): readonly string[] {
  const cells = line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain ?? "").trim());
}
