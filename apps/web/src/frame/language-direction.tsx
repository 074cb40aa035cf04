import { DirectionProvider, useDirection } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { languageOf } from "../messages/language.ts";

/** Keeps Mantine's direction that of the language. */
export function LanguageDirection({ children }: { readonly children: ReactNode }) {
  const { i18n } = useTranslation();
  return (
    <DirectionProvider initialDirection={languageOf(i18n.language).direction} detectDirection={false}>
      <FollowLanguage />
      {children}
    </DirectionProvider>
  );
}

function FollowLanguage() {
  const { i18n } = useTranslation();
  const { setDirection } = useDirection();
  const { direction } = languageOf(i18n.language);
  useEffect(() => setDirection(direction), [direction, setDirection]);
  return null;
}
