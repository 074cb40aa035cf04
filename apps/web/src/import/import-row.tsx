import type { ImportLine } from "@caseroom/contract";
import { Loader } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconClock, IconUserQuestion, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { FailureNote } from "../frame/failure-note.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import classes from "./import.module.css";
import type { ImportItem } from "./use-import.tsx";
import { whyOdd } from "./why-odd.ts";

/** One file, or a zip or folder with the files in it that were not read. */
export function ImportRow({ item }: { readonly item: ImportItem }) {
  const { t } = useTranslation();
  const odd = item.lines.flatMap((line) => {
    const why = whyOdd(line);
    return why === undefined ? [] : [{ line, why }];
  });
  const read = item.lines.filter(({ status }) => status === "read");
  return (
    <li className={classes.row}>
      <div className={classes.rowHead}>
        <StateIcon item={item} isOdd={odd.length > 0} />
        <span className={classes.name}>
          <bdi>{item.name}</bdi>
        </span>
        <span className={classes.summary}>
          {item.state !== "done" ? t(`import.${item.state}`) : read.length > 0 ? <Summary lines={read} /> : null}
        </span>
      </div>
      {item.failure !== undefined && <FailureNote code={item.failure} />}
      {odd.length > 0 && (
        <ul className={classes.odd}>
          {odd.slice(0, 20).map(({ line, why }) => (
            <li key={line.file}>
              {line.status === "quarantined" ? (
                <IconUserQuestion size={16} aria-hidden />
              ) : (
                <IconX size={16} aria-hidden />
              )}
              <span>
                <bdi>{line.file}</bdi> · {t(`import.${line.status === "read" ? "partly" : line.status}`)}{" "}
                {t(`import.why.${why}`)}
              </span>
            </li>
          ))}
          {odd.length > 20 && <li>{t("import.more", { count: odd.length - 20 })}</li>}
        </ul>
      )}
    </li>
  );
}

/** What was found, by kind, over all files that were read. */
function Summary({ lines }: { readonly lines: readonly ImportLine[] }) {
  const { t } = useTranslation();
  const counts = new Map<string, number>();
  for (const line of lines)
    for (const [type, n] of Object.entries(line.counts)) counts.set(type, (counts.get(type) ?? 0) + n);
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 4);
  return (
    <>
      {t("import.read", { count: lines.length })}
      {most.length > 0 && (
        <>
          {" · "}
          <LtrValue>{most.map(([type, n]) => `${n} ${type}`).join(", ")}</LtrValue>
        </>
      )}
    </>
  );
}

function StateIcon({ item, isOdd }: { readonly item: ImportItem; readonly isOdd: boolean }) {
  if (item.state === "waiting") return <IconClock size={20} aria-hidden className={classes.quiet} />;
  if (item.state === "sending") return <Loader size={18} aria-hidden />;
  if (item.state === "failed" || isOdd) return <IconAlertTriangle size={20} aria-hidden className={classes.warn} />;
  return <IconCircleCheck size={20} aria-hidden className={classes.good} />;
}
