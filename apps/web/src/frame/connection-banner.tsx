import type { SpaceId } from "@caseroom/contract";
import { Progress } from "@mantine/core";
import { IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useRoute } from "wouter";
import type { EngineStatus } from "../engine/engine.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { isSpaceId } from "../room/space-id.ts";
import classes from "./frame.module.css";

/** Says that there is no connection, and how much waits for one. Nothing is shown while all is well. */
export function ConnectionBanner({ status }: { readonly status: EngineStatus }) {
  const { t } = useTranslation();
  const [inCase, params] = useRoute("/case/:spaceId/:pane?");
  if (status.connection === "online") return null;
  if (status.connection === "connecting") {
    return (
      <div role="status" className={classes.banner} data-tone="calm">
        <IconRefresh size={18} aria-hidden />
        <span>{t("connection.connecting")}</span>
      </div>
    );
  }
  return (
    <div role="status" className={classes.banner} data-tone="warn">
      <IconCloudOff size={20} aria-hidden />
      <span>
        <strong>{t("connection.offline")}</strong>{" "}
        {inCase && isSpaceId(params.spaceId) && <Queued spaceId={params.spaceId} />}
      </span>
    </div>
  );
}

function Queued({ spaceId }: { readonly spaceId: SpaceId }) {
  const { t } = useTranslation();
  const room = useEngineValue({ type: "room", spaceId }, (engine) => engine.room(spaceId));
  const count = (room?.items ?? []).filter((item) => item.type === "message" && item.state === "queued").length;
  return count === 0 ? null : t("connection.queued", { count });
}

/** How far the first opening on this device has come. */
export function SyncBanner({ status }: { readonly status: EngineStatus }) {
  const { t } = useTranslation();
  if (status.phase !== "syncing") return null;
  return (
    <section aria-label={t("connection.syncing")} className={classes.banner} data-tone="calm">
      <div className={classes.sync}>
        <span>
          <strong>{t("connection.syncing")}</strong> <span className={classes.soft}>{t("connection.syncingDo")}</span>
        </span>
        <Progress value={Math.round(status.progress * 100)} size="sm" aria-label={t("connection.syncing")} />
      </div>
    </section>
  );
}
