type PersonNameProps = { readonly name: string; readonly strong?: boolean };

/** A name in the direction of its own script, whatever stands around it. */
export function PersonName({ name, strong = false }: PersonNameProps) {
  return <bdi style={strong ? { fontWeight: 650 } : undefined}>{name}</bdi>;
}
