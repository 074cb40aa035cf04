import { IconFileImport } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { readDropped } from "./dropped-files.ts";
import classes from "./import.module.css";
import { useImport } from "./use-import.tsx";

/** Files may be dropped anywhere: nobody looks for the right place with a folder in the hand. */
export function DropTarget({ institution }: { readonly institution: string }) {
  const { t } = useTranslation();
  const { add } = useImport();
  const [, navigate] = useLocation();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    /** How many elements are entered and not left: a drag over the page enters and leaves each of them. */
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const move = (by: 1 | -1) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth + by);
      setOver(depth > 0);
    };
    const onEnter = move(1);
    const onLeave = move(-1);
    const onOver = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      navigate("/import");
      void readDropped(event.dataTransfer.items).then(add);
    };
    addEventListener("dragenter", onEnter);
    addEventListener("dragleave", onLeave);
    addEventListener("dragover", onOver);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragenter", onEnter);
      removeEventListener("dragleave", onLeave);
      removeEventListener("dragover", onOver);
      removeEventListener("drop", onDrop);
    };
  }, [add, navigate]);
  if (!isOver) return null;
  return (
    <div className={classes.over} aria-hidden>
      <div className={classes.overCard}>
        <IconFileImport size={36} />
        <strong>{t("import.dropHere")}</strong>
        <span>{t("import.into", { institution })}</span>
      </div>
    </div>
  );
}
