import { IconHourglass, IconShieldCheck } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import type { SourceView } from "../engine/engine.ts";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import classes from "./source.module.css";

export function SourceFacts({ view }: { readonly view: SourceView }) {
  const { t } = useTranslation();
  const moments = useMoments();
  // What a person at the source's institution mended before it was taken in says so in its media type.
  const isRepaired = /;\s*repaired$/.test(view.original?.mediaType ?? "");
  const ProofIcon = view.logged ? IconShieldCheck : IconHourglass;
  return (
    <>
      <dl className={classes.facts}>
        <Row term={t("source.institution")}>
          <bdi>{view.institution}</bdi>
        </Row>
        <Row term={t("source.system")}>
          <bdi>{view.system}</bdi>
        </Row>
        <Row term={t("source.received")}>{moments.dayAndTime(view.receivedMs)}</Row>
        <Row term={t("source.author")}>
          <LtrValue mono>{view.authorDevice}</LtrValue>
        </Row>
        <Row term={t("source.proof")}>
          <span className={classes.proof} data-logged={view.logged}>
            <ProofIcon size={18} aria-hidden />
            {view.logged ? t("source.logged") : t("source.provisional")}
          </span>
        </Row>
        <Row term={t("source.entry")}>
          <LtrValue mono>{view.entryId}</LtrValue>
        </Row>
      </dl>
      {view.original === undefined ? (
        <p className={classes.soft}>{t("source.noOriginal")}</p>
      ) : (
        <Bytes
          title={isRepaired ? t("source.repaired") : t("source.original")}
          mediaType={view.original.mediaType}
          text={view.original.text}
        />
      )}
      <Bytes title={t("source.fhir")} mediaType="application/fhir+json" text={view.json} />
    </>
  );
}

function Row({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type BytesProps = { readonly title: string; readonly mediaType: string; readonly text: string };

/** Bytes as they came. Only HL7's lone carriage returns are shown as line ends, which browsers would swallow. */
function Bytes({ title, mediaType, text }: BytesProps) {
  const titleId = useId();
  return (
    <div>
      <h3 id={titleId} className={classes.bytesTitle}>
        {title} <LtrValue className={classes.mediaType}>{mediaType}</LtrValue>
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.bytes} tabIndex={0} aria-labelledby={titleId}>
        <pre dir="ltr">{text.replace(/\r\n?/g, "\n")}</pre>
      </section>
    </div>
  );
}
