import { Button, Title } from "@mantine/core";
import { IconFileImport, IconFolderOpen } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { readChosen } from "./dropped-files.ts";
import classes from "./import.module.css";
import { ImportRow } from "./import-row.tsx";
import { useImport } from "./use-import.tsx";

/** Files from a CD, a stick or another system into the records of one's own institution. */
export function ImportPage({ institution }: { readonly institution: string }) {
  const { t } = useTranslation();
  const { items, isRunning, add, retry, clear } = useImport();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const done = items.filter(({ state }) => state === "done" || state === "failed").length;
  const isAnyFailed = items.some(({ state }) => state === "failed");
  return (
    <main className={classes.page} id="content" tabIndex={-1}>
      <div className={classes.column}>
        <Link href="/" className={classes.back}>
          {t("import.back")}
        </Link>
        <Title order={1}>{t("import.title")}</Title>
        <p className={classes.lead}>{t("import.lead", { institution })}</p>
        <div className={classes.zone}>
          <IconFileImport size={32} aria-hidden />
          <p>{t("import.drop")}</p>
          <div className={classes.choose}>
            <Button leftSection={<IconFileImport size={18} aria-hidden />} onClick={() => files.current?.click()}>
              {t("import.files")}
            </Button>
            <Button
              variant="default"
              leftSection={<IconFolderOpen size={18} aria-hidden />}
              onClick={() => folder.current?.click()}
            >
              {t("import.folder")}
            </Button>
          </div>
          <p className={classes.formats}>{t("import.formats")}</p>
          <FileField
            field={files}
            label={t("import.files")}
            isFolder={false}
            onChosen={(list) => add(readChosen(list))}
          />
          <FileField field={folder} label={t("import.folder")} isFolder onChosen={(list) => add(readChosen(list))} />
        </div>
        {items.length > 0 && (
          <>
            <div className={classes.listHead}>
              <p role="status">
                {isRunning
                  ? t("import.running", { done, total: items.length })
                  : t("import.finished", { count: items.length })}
              </p>
              {isAnyFailed && !isRunning && (
                <Button size="sm" variant="light" onClick={retry}>
                  {t("import.retry")}
                </Button>
              )}
              {!isRunning && (
                <Button size="sm" variant="subtle" onClick={clear}>
                  {t("import.clear")}
                </Button>
              )}
            </div>
            <ul className={classes.list}>
              {items.map((item) => (
                <ImportRow key={item.id} item={item} />
              ))}
            </ul>
          </>
        )}
      </div>
    </main>
  );
}

function FileField({
  field,
  label,
  isFolder,
  onChosen,
}: {
  readonly field: React.RefObject<HTMLInputElement | null>;
  readonly label: string;
  readonly isFolder: boolean;
  readonly onChosen: (files: FileList) => void;
}) {
  return (
    <input
      ref={field}
      type="file"
      multiple
      hidden
      aria-label={label}
      data-kind={isFolder ? "folder" : "files"}
      {...(isFolder ? { webkitdirectory: "" } : {})}
      onChange={(event) => {
        const { files } = event.currentTarget;
        if (files !== null && files.length > 0) onChosen(files);
        event.currentTarget.value = "";
      }}
    />
  );
}
