type Attributes = Record<string, string | boolean | undefined>;
export type Child = Node | string | null;

/** An element of the page. What stands in it is text or other elements, never markup: what people wrote stays what it is. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(attribute, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** What a person, or a model, wrote: in whichever direction its language runs. */
export const said = (text: string): HTMLElement => el('bdi', {}, text);

/** Nothing but these stands in it from now on. */
export const fill = (element: HTMLElement, children: Child[]): void =>
  element.replaceChildren(...children.filter((child) => child !== null));
