import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./viewer.module.css";

const MAX_WORDS = 120;

type ArrowWordsProps = { readonly onSave: (text: string) => void; readonly onCancel: () => void };

/** What an arrow points at, in words: an arrow without them says nothing to the next reader. */
export function ArrowWords({ onSave, onCancel }: ArrowWordsProps) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState("");
  return (
    <form
      className={classes.words}
      aria-label={t("viewer.arrowWords")}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(text);
      }}
      onKeyDown={(event) => {
        // Escape closes this question, not the viewer.
        event.stopPropagation();
        if (event.key === "Escape") onCancel();
      }}
    >
      <label htmlFor={id}>{t("viewer.arrowWords")}</label>
      <div className={classes.wordsRow}>
        <input
          id={id}
          className={classes.input}
          value={text}
          dir="auto"
          maxLength={MAX_WORDS}
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: the question follows from what the person has just drawn
          autoFocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" className={classes.primary} disabled={text.trim() === ""}>
          {t("viewer.save")}
        </button>
        <button type="button" className={classes.plain} onClick={onCancel}>
          {t("app.cancel")}
        </button>
      </div>
    </form>
  );
}
