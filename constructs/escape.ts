/** The text as a Terraform template that yields it: `${` and `%{` are taken literally. */
export function escapeTemplate(text: string): string {
  return text.replaceAll('${', '$${').replaceAll('%{', '%%{');
}
