// Names of XIR operators: letters, digits and underscores, each once (vai_q_pytorch writes them so).

/** Returns a name for a stem: other characters become "_", and a number follows if the name is taken. */
export function xirNames(): (stem: string) => string {
  const taken = new Map<string, number>();
  return (stem) => {
    const plain = stem.replace(/[^0-9A-Za-z]/g, "_") || "_";
    let name = plain;
    let number = taken.get(plain) ?? 0;
    while (taken.has(name)) name = `${plain}_${++number}`;
    taken.set(plain, number);
    if (name !== plain) taken.set(name, 0);
    return name;
  };
}
