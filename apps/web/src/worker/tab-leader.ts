const LOCK = "caseroom-engine";

/**
 * One tab of a browser holds keys, numbers its entries and writes the store; two would number the same entry twice (protocol §5.2, as).
 * Calls `onChange(false)` at once when another tab leads, and `onChange(true)` as soon as this one does, until it goes away.
 */
export function leadOrFollow(locks: LockManager, onChange: (isLeader: boolean) => void): void {
  const lead = (): Promise<never> => {
    onChange(true);
    // The lock is held for the life of the tab.
    return new Promise(() => undefined);
  };
  const settle = async () => {
    await locks.request(LOCK, { ifAvailable: true }, (lock) => (lock === null ? onChange(false) : lead()));
    await locks.request(LOCK, lead);
  };
  settle().catch(reportError);
}
