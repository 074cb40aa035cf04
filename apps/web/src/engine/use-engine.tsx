import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import type { Engine } from "./engine.ts";
import { type EngineLink, type Topic, topicKey } from "./engine-link.ts";

const LinkContext = createContext<EngineLink | undefined>(undefined);

export function EngineProvider({ link, children }: { readonly link: EngineLink; readonly children: ReactNode }) {
  return <LinkContext value={link}>{children}</LinkContext>;
}

export function useEngineLink(): EngineLink {
  const link = useContext(LinkContext);
  // A plain Error: the contract has one door, and behind it stands all of Zod, which the page does without.
  if (link === undefined) throw new Error("a screen stands outside of EngineProvider");
  return link;
}

/** The engine, to ask something of it once. */
export function useEngine(): Engine {
  return useEngineLink().engine;
}

/**
 * What the engine answers, read again on every event of the topic; `undefined` until the first answer, and at once when the
 * topic becomes another case, so that one patient's facts never stand under another's name.
 */
export function useEngineValue<T>(topic: Topic, read: (engine: Engine) => Promise<T>): T | undefined {
  const link = useEngineLink();
  const key = topicKey(topic);
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value: T } | undefined>(undefined);
  const latestRead = useRef(read);
  latestRead.current = read;

  useEffect(() => {
    let stopped = false;
    let isReading = false;
    let isStale = false;
    const readAgain = () => {
      isStale = true;
      if (!isReading) void readUntilFresh();
    };
    const readUntilFresh = async () => {
      isReading = true;
      try {
        // Events that arrive during a read cost one further read together, not one each.
        while (isStale && !stopped) {
          isStale = false;
          const value = await latestRead.current(link.engine);
          if (!stopped) setAnswer({ key, value });
        }
      } catch {
        if (!stopped) link.reportCrash();
      } finally {
        isReading = false;
      }
    };
    const stop = link.listen(key, readAgain);
    readAgain();
    return () => {
      stopped = true;
      stop();
    };
  }, [key, link]);

  return answer?.key === key ? answer.value : undefined;
}
