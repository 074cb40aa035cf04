import type { SignInForm } from "@caseroom/client";
import { Button, Loader, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EngineStatus } from "../engine/engine.ts";
import { useAct } from "../engine/use-act.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { Sentence } from "../messages/sentence.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import classes from "./sign-in.module.css";
import { SignInPage } from "./sign-in-page.tsx";

const DEMO_FILE = "world.json";

type FieldErrors = { readonly [Field in keyof SignInForm]?: string };

export function SignIn({ status }: { readonly status: EngineStatus }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const { run, isRunning, failure } = useAct();
  const [form, setForm] = useState<SignInForm>({ login: "", password: "", code: "" });
  const [errors, setErrors] = useState<FieldErrors>({});

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const credentials = { ...form, login: form.login.trim(), code: form.code.replace(/\s/g, "") };
    const found: FieldErrors = {
      ...(credentials.login === "" ? { login: t("signIn.missingLogin") } : {}),
      ...(credentials.password === "" ? { password: t("signIn.missingPassword") } : {}),
      ...(/^\d{6}$/.test(credentials.code) ? {} : { code: t("signIn.badCode") }),
    };
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    // What follows is told by the engine's status, which is what decides the page.
    const signedIn = await run(() => engine.signIn(credentials));
    if (!signedIn) setForm((kept) => ({ ...kept, code: "" }));
  };

  return (
    <SignInPage status={status}>
      <Title order={1}>{t("signIn.title")}</Title>
      <p className={classes.lead}>
        {status.institution === "" ? (
          t("signIn.subtitlePlain")
        ) : (
          <Sentence
            say={(values) => t("signIn.subtitle", { institution: "", ...values })}
            parts={{ institution: <bdi>{status.institution}</bdi> }}
          />
        )}
      </p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          <TextInput
            label={t("signIn.login")}
            value={form.login}
            onChange={(event) => setForm({ ...form, login: event.currentTarget.value })}
            error={errors.login}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            dir="ltr"
            name="login"
          />
          <PasswordField
            value={form.password}
            error={errors.password}
            onChange={(password) => setForm({ ...form, password })}
          />
          <TextInput
            label={t("signIn.code")}
            description={t("signIn.codeHint")}
            value={form.code}
            onChange={(event) => setForm({ ...form, code: event.currentTarget.value })}
            error={errors.code}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
            dir="ltr"
            name="code"
            classNames={{ input: classes.code }}
          />
          <FailureNote code={failure} />
          <Button type="submit" size="md" fullWidth disabled={isRunning} className={classes.submit}>
            {isRunning ? (
              <span className={classes.working}>
                <Loader size="xs" color="currentColor" aria-hidden />
                {t("signIn.working")}
              </span>
            ) : (
              t("signIn.submit")
            )}
          </Button>
        </Stack>
      </form>
      {status.isDemo && (
        <aside className={classes.demo}>
          <IconInfoCircle size={20} aria-hidden />
          <p>
            <strong>{t("signIn.demo")}</strong>{" "}
            <Sentence
              say={(values) => t("signIn.demoHint", { file: "", ...values })}
              parts={{ file: <LtrValue mono>{DEMO_FILE}</LtrValue> }}
            />
          </p>
        </aside>
      )}
    </SignInPage>
  );
}

type PasswordFieldProps = {
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
};

function PasswordField({ value, error, onChange }: PasswordFieldProps) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      label={t("signIn.password")}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoComplete="current-password"
      visibilityToggleButtonProps={{ "aria-label": t("signIn.reveal"), className: "touchable", tabIndex: 0 }}
      dir="ltr"
      name="password"
    />
  );
}
