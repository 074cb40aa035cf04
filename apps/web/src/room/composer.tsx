import type { ResultCard } from "@caseroom/clinical";
import type { SpaceId } from "@caseroom/contract";
import { ActionIcon, Button, Textarea } from "@mantine/core";
import { IconSend2, IconX } from "@tabler/icons-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAct } from "../engine/use-act.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { ResultCardView } from "./result-card.tsx";
import classes from "./room.module.css";

type ComposerProps = {
  readonly spaceId: SpaceId;
  readonly card: ResultCard | undefined;
  readonly onCard: (card: ResultCard | undefined) => void;
  readonly onSent: () => void;
};

/** Enter sends, Shift+Enter begins a new line. What could not be sent stays in the field. */
export function Composer({ spaceId, card, onCard, onSent }: ComposerProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const { run, isRunning, failure } = useAct();
  const canSend = !isRunning && (text.trim() !== "" || card !== undefined);

  useEffect(() => {
    if (card !== undefined) field.current?.focus();
  }, [card]);

  const send = async () => {
    if (!canSend) return;
    const draft = { text: text.trim(), ...(card === undefined ? {} : { card }) };
    if (!(await run(() => engine.sendMessage(spaceId, draft)))) return;
    // What was typed while the message was on its way stays.
    setText((now) => (now === text ? "" : now));
    onCard(undefined);
    onSent();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While Chinese or Japanese is being composed, Enter chooses a character.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };

  return (
    <form className={classes.composer} onSubmit={onSubmit}>
      <FailureNote code={failure} />
      {card !== undefined && (
        <fieldset className={classes.attached}>
          <legend className="visually-hidden">{t("room.attached")}</legend>
          <ResultCardView card={card} />
          <ActionIcon aria-label={t("room.detach")} onClick={() => onCard(undefined)}>
            <IconX size={18} aria-hidden />
          </ActionIcon>
        </fieldset>
      )}
      <div className={classes.write}>
        <Textarea
          ref={field}
          aria-label={t("room.message")}
          aria-describedby="composer-keys"
          placeholder={t("room.placeholder")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          autosize
          minRows={1}
          maxRows={7}
          maxLength={20_000}
          size="md"
          {...(text === "" ? {} : { dir: "auto" })}
          className={classes.field}
        />
        <Button
          type="submit"
          size="md"
          disabled={!canSend}
          leftSection={<IconSend2 size={18} aria-hidden />}
          className={classes.send}
        >
          {t("room.send")}
        </Button>
      </div>
      <p id="composer-keys" className={classes.keys}>
        {t("room.keys")}
      </p>
    </form>
  );
}
