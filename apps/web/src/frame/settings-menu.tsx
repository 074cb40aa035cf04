import { Popover, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconLogout, IconMoon, IconSettings, IconSun } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EngineStatus } from "../engine/engine.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { changeLanguage, LANGUAGES } from "../messages/language.ts";
import { PersonName } from "../values/person-name.tsx";
import { initialsOf } from "./initials.ts";
import classes from "./settings-menu.module.css";

const SCHEMES = [
  { value: "light", icon: IconSun },
  { value: "dark", icon: IconMoon },
  { value: "auto", icon: IconDeviceDesktop },
] as const;

/** Language, appearance, sign out. Signed out, it holds the first two only. */
export function SettingsMenu({ status }: { readonly status: EngineStatus }) {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const engine = useEngine();
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover position="bottom-end" width={272} shadow="md" opened={isOpen} onChange={setOpen} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.settings} onClick={() => setOpen(!isOpen)}>
          {status.me === undefined ? (
            <IconSettings size={22} aria-hidden />
          ) : (
            <span className={classes.initials} aria-hidden>
              {initialsOf(status.me.name)}
            </span>
          )}
          <span className="visually-hidden">{t("settings.open")}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label={t("settings.open")}>
        {status.me !== undefined && (
          <div className={classes.me}>
            <PersonName name={status.me.name} strong />
            <bdi className={classes.soft}>{status.me.role}</bdi>
            <bdi className={classes.soft}>{status.me.institution}</bdi>
          </div>
        )}
        <Choices title={t("settings.language")}>
          {LANGUAGES.map(({ code, name }) => (
            <Choice key={code} lang={code} isChosen={i18n.language === code} onChoose={() => void changeLanguage(code)}>
              {name}
            </Choice>
          ))}
        </Choices>
        <Choices title={t("settings.appearance")}>
          {SCHEMES.map(({ value, icon: Icon }) => (
            <Choice key={value} isChosen={colorScheme === value} onChoose={() => setColorScheme(value)}>
              <Icon size={18} aria-hidden />
              {t(`settings.${value}`)}
            </Choice>
          ))}
        </Choices>
        {status.me !== undefined && (
          <UnstyledButton className={classes.signOut} onClick={() => void engine.signOut()}>
            <IconLogout size={18} aria-hidden />
            {t("settings.signOut")}
          </UnstyledButton>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Choices({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const titleId = useId();
  return (
    <fieldset className={classes.choices} aria-labelledby={titleId}>
      <div id={titleId} className={classes.label}>
        {title}
      </div>
      {children}
    </fieldset>
  );
}

type ChoiceProps = {
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
  readonly lang?: string;
};

function Choice({ isChosen, onChoose, children, lang }: ChoiceProps) {
  return (
    <UnstyledButton className={classes.choice} lang={lang} aria-pressed={isChosen} onClick={onChoose}>
      {children}
      {isChosen && <IconCheck size={18} aria-hidden className={classes.check} />}
    </UnstyledButton>
  );
}
