import { Button, TextInput } from "@mantine/core";
import { IconCheck, IconSearch } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PersonChoice } from "../engine/engine.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { PersonName } from "../values/person-name.tsx";
import classes from "./create-case.module.css";
import { useSearch } from "./use-search.ts";

type PersonSearchProps = {
  readonly chosen: readonly PersonChoice[];
  readonly onChoose: (person: PersonChoice) => void;
  /** What choosing does; adding to a list unless told. */
  readonly act?: string;
  readonly isBusy?: boolean;
};

/** Colleagues from the directory, by name, institution or specialty. */
export function PersonSearch({ chosen, onChoose, act, isBusy = false }: PersonSearchProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [query, setQuery] = useState("");
  const { found, failure } = useSearch(query, (asked) => engine.searchPeople(asked));
  return (
    <search>
      <TextInput
        label={t("create.peopleSearch")}
        description={t("create.peopleHint")}
        leftSection={<IconSearch size={18} aria-hidden />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
      />
      <p role="status" className={classes.count}>
        {found === undefined
          ? ""
          : found.length === 0
            ? t("create.noPeople")
            : t("create.peopleFound", { count: found.length })}
      </p>
      <FailureNote code={failure} />
      <ul className={classes.choices}>
        {(found ?? []).map((person) => (
          <li key={`${person.orgId} ${person.staffId}`}>
            <PersonRow
              person={person}
              isChosen={chosen.some((other) => samePerson(other, person))}
              act={act ?? t("create.add")}
              isBusy={isBusy}
              onChoose={() => onChoose(person)}
            />
          </li>
        ))}
      </ul>
    </search>
  );
}

type PersonRowProps = {
  readonly person: PersonChoice;
  readonly isChosen: boolean;
  readonly act: string;
  readonly isBusy: boolean;
  readonly onChoose: () => void;
};

function PersonRow({ person, isChosen, act, isBusy, onChoose }: PersonRowProps) {
  const { t } = useTranslation();
  const nameId = useId();
  return (
    <div className={classes.person}>
      <span className={classes.choiceText}>
        <span id={nameId}>
          <PersonName name={person.name} strong />
        </span>
        <PersonPlace person={person} />
      </span>
      {isChosen ? (
        <span className={classes.added}>
          <IconCheck size={18} aria-hidden />
          {t("create.added")}
        </span>
      ) : (
        <Button variant="light" size="sm" aria-describedby={nameId} disabled={isBusy} onClick={onChoose}>
          {act}
        </Button>
      )}
    </div>
  );
}

/** What a colleague is and where: two people of one name differ here. */
export function PersonPlace({ person }: { readonly person: PersonChoice }) {
  return (
    <span className={classes.soft}>
      <bdi>{person.institution}</bdi> · <bdi>{person.specialty ?? person.role}</bdi>
    </span>
  );
}

export function samePerson(a: PersonChoice, b: PersonChoice): boolean {
  return a.orgId === b.orgId && a.staffId === b.staffId;
}
