/** A cdktf token inside a string, with the dollars before it. */
const token = '(\\$*)(\\$\\{TfToken\\[[a-zA-Z0-9:._-]+\\]\\})';
const templateStart = new RegExp(`${token}|\\$\\{|%\\{`, 'g');

/**
 * The text as a Terraform template that yields it: `${` and `%{` are taken literally, cdktf tokens stay references. A dollar right before a reference is
 * written as an expression, because Terraform takes `$${` for text.
 */
export function escapeTemplate(text: string): string {
  return text.replaceAll(templateStart, (found, dollars: string | undefined, reference: string | undefined) => {
    if (reference === undefined) return `${found[0]}${found}`;
    return dollars === '' ? reference : `\${"${dollars}"}${reference}`;
  });
}
