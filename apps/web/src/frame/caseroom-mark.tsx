/** The sign of Caseroom: a conversation with a pulse in it. */
export function CaseroomMark({ size }: { readonly size: number }) {
  return (
    <svg viewBox="0 0 512 512" width={size} height={size} aria-hidden="true" focusable="false" style={{ flex: "none" }}>
      <rect width="512" height="512" rx="112" fill="#0f5f73" />
      <path
        d="M134 150h244a30 30 0 0 1 30 30v134a30 30 0 0 1-30 30H262l-78 62v-62h-50a30 30 0 0 1-30-30V180a30 30 0 0 1 30-30z"
        fill="#fff"
      />
      <path
        d="M144 252h58l24-56 42 104 28-70 14 22h58"
        fill="none"
        stroke="#0f5f73"
        strokeWidth="22"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
