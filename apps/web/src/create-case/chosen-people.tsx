import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { PersonChoice } from "../engine/engine.ts";
import { PersonName } from "../values/person-name.tsx";
import classes from "./create-case.module.css";
import { PersonPlace } from "./person-search.tsx";

type ChosenPeopleProps = {
  readonly people: readonly PersonChoice[];
  readonly onDrop: (person: PersonChoice) => void;
};

export function ChosenPeople({ people, onDrop }: ChosenPeopleProps) {
  const { t } = useTranslation();
  if (people.length === 0) return null;
  return (
    <ul className={classes.chosen} aria-label={t("create.chosen")}>
      {people.map((person) => (
        <li key={`${person.orgId} ${person.staffId}`}>
          <ChosenPerson person={person} onDrop={() => onDrop(person)} />
        </li>
      ))}
    </ul>
  );
}

function ChosenPerson({ person, onDrop }: { readonly person: PersonChoice; readonly onDrop: () => void }) {
  const { t } = useTranslation();
  const nameId = useId();
  return (
    <>
      <span className={classes.choiceText}>
        <span id={nameId}>
          <PersonName name={person.name} strong />
        </span>
        <PersonPlace person={person} />
      </span>
      <ActionIcon aria-label={t("create.drop")} aria-describedby={nameId} onClick={onDrop}>
        <IconX size={18} aria-hidden />
      </ActionIcon>
    </>
  );
}
