/** The text as a Terraform template that yields it: `${` and `%{` are taken literally. */
export function escapeTemplate(text: string): string {
  // By function: in a replacement text of replaceAll, `$$` means one dollar.
  return text.replaceAll('${', () => '$${').replaceAll('%{', () => '%%{');
}
