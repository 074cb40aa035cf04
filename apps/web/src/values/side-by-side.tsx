import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LtrValue } from "./ltr-value.tsx";
import { useMoments } from "./moment.ts";
import { PersonName } from "./person-name.tsx";
import classes from "./side-by-side.module.css";

/** What is known of a person somewhere, for people to compare. */
export type ComparedPerson = {
  readonly name: string;
  readonly birthDate: string | null;
  readonly sex: string | null;
  readonly identifiers: readonly { readonly system: string; readonly masked: string }[];
};

type SideBySideProps = {
  readonly caption: string;
  readonly titles: readonly [string, string];
  readonly people: readonly [ComparedPerson, ComparedPerson];
};

const SEXES = ["male", "female", "other", "unknown"] as const;

/** Two descriptions of what may be one person. Where both say something and it is not the same, the line says so in a word. */
export function SideBySide({ caption, titles, people }: SideBySideProps) {
  const { t } = useTranslation();
  const [left, right] = people;
  const differs = {
    name: wordsOf(left.name) !== wordsOf(right.name),
    birthDate: isOther(left.birthDate, right.birthDate),
    sex: isOther(left.sex, right.sex),
  };
  return (
    <table className={classes.table}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <td />
          {titles.map((title) => (
            <th key={title} scope="col">
              <bdi>{title}</bdi>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <Line label={t("compare.name")} isOther={differs.name} people={people} show={nameOf} />
        <Line label={t("compare.birthDate")} isOther={differs.birthDate} people={people} show={birthDateOf} />
        <Line label={t("compare.sex")} isOther={differs.sex} people={people} show={sexOf} />
        <Line label={t("compare.numbers")} isOther={false} people={people} show={numbersOf} />
      </tbody>
    </table>
  );
}

type LineProps = Pick<SideBySideProps, "people"> & {
  readonly label: string;
  readonly isOther: boolean;
  /** What is shown of a person; nothing when it is not known. */
  readonly show: (person: ComparedPerson) => ReactNode;
};

function Line({ label, isOther, people, show }: LineProps) {
  const { t } = useTranslation();
  const [left, right] = people;
  return (
    <tr data-other={isOther}>
      <th scope="row">
        {label}
        {isOther && (
          <span className={classes.other}>
            <IconAlertTriangle size={14} aria-hidden />
            {t("compare.differs")}
          </span>
        )}
      </th>
      <td>{show(left) ?? t("compare.none")}</td>
      <td>{show(right) ?? t("compare.none")}</td>
    </tr>
  );
}

function nameOf({ name }: ComparedPerson): ReactNode {
  return name === "" ? null : <PersonName name={name} strong />;
}

function birthDateOf({ birthDate }: ComparedPerson): ReactNode {
  return birthDate === null ? null : <Day date={birthDate} />;
}

function sexOf({ sex }: ComparedPerson): ReactNode {
  return sex === null ? null : <Sex sex={sex} />;
}

function numbersOf({ identifiers }: ComparedPerson): ReactNode {
  return identifiers.length === 0 ? null : <Numbers all={identifiers} />;
}

function Sex({ sex }: { readonly sex: string }) {
  const { t } = useTranslation();
  return <>{t(`patient.${knownSex(sex)}`)}</>;
}

function Day({ date }: { readonly date: string }) {
  const moments = useMoments();
  return <>{moments.partial(date)}</>;
}

function Numbers({ all }: { readonly all: ComparedPerson["identifiers"] }) {
  return (
    <ul className={classes.numbers}>
      {all.map(({ system, masked }) => (
        <li key={`${system} ${masked}`}>
          <LtrValue>
            <span className={classes.system}>{system}</span> <span className={classes.number}>{masked}</span>
          </LtrValue>
        </li>
      ))}
    </ul>
  );
}

function isOther(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

/** "CHAN, Tai Man" and "Tai Man Chan" are one name. */
function wordsOf(name: string): string {
  return name
    .toLocaleLowerCase("en")
    .split(/[\s,.^-]+/)
    .filter((word) => word !== "")
    .sort()
    .join(" ");
}

function knownSex(sex: string) {
  return SEXES.find((known) => known === sex) ?? "unknown";
}
