// A small strict reader for the XML of repomd.xml, metalinks and updateinfo.xml, the last in pieces: elements, attributes, text and the five
// entities; no DTD.

export interface XmlElement {
  /** Without the namespace prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Own text without white space at the ends. */
  readonly text: string;
}

interface OpenElement {
  readonly tag: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const tokenPattern =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/** @throws SyntaxError when the text is not one well-formed element (with prolog and comments around it). */
export function parseXml(text: string): XmlElement {
  const reader = xmlReader();
  reader.add(text);
  return reader.end();
}

/**
 * The children of the root, each as soon as it is complete: of a large document no more than one is kept.
 * @throws SyntaxError as parseXml() does, and when the root has another name; it comes behind the children before the fault
 */
export async function* readChildren(chunks: AsyncIterable<string>, rootName: string): AsyncGenerator<XmlElement> {
  const reader = xmlReader();
  for await (const chunk of chunks) {
    reader.add(chunk);
    yield* reader.takeChildren();
  }
  const root = reader.end();
  if (root.name !== rootName) throw new SyntaxError(`its root is <${root.name}>, not <${rootName}>`);
  yield* root.children;
}

interface XmlReader {
  add(text: string): void;
  /** The complete children of the root, which is not complete itself, and forgets them. */
  takeChildren(): XmlElement[];
  /** The root. */
  end(): XmlElement;
}

function xmlReader(): XmlReader {
  const root: OpenElement = { tag: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let [rest, taken] = ['', 0];
  const read = (isLast: boolean): void => {
    let at = taken === 0 && rest.charCodeAt(0) === 0xfeff ? 1 : 0;
    while (at < rest.length) {
      tokenPattern.lastIndex = at;
      const match = nextToken(rest);
      // What the text to come may complete waits for it: a tag, or characters that may end within an entity.
      const mayGoOn = match === null || (match[6] !== undefined && tokenPattern.lastIndex === rest.length);
      if (mayGoOn && !isLast) break;
      if (match === null) throw new SyntaxError(`it is not well-formed XML at byte ${taken + at}`);
      readToken(match, open);
      at = tokenPattern.lastIndex;
    }
    taken += at;
    rest = rest.slice(at);
  };
  return {
    add(text) {
      rest += text;
      read(false);
    },
    takeChildren: () => open[1]?.children.splice(0) ?? [],
    end() {
      read(true);
      const [element, ...more] = root.children;
      if (open.length !== 1) throw new SyntaxError(`it ends inside <${open.at(-1)!.tag}>`);
      if (element === undefined || more.length > 0) throw new SyntaxError('it is not one XML element');
      return element;
    },
  };
}

function nextToken(text: string): RegExpExecArray | null {
  try {
    return tokenPattern.exec(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SyntaxError('a tag has too many attributes', { cause: error });
  }
}

function readToken(match: RegExpExecArray, open: OpenElement[]): void {
  const [, cdata, closing, opening, attributes, selfClosing, characters] = match;
  const current = open.at(-1)!;
  if (opening !== undefined) {
    open.push({ tag: opening, attributes: parseAttributes(attributes ?? ''), children: [], text: '' });
    if (open.length > 100) throw new SyntaxError('its elements are nested too deep');
    if (selfClosing === '/') close(open);
  } else if (closing !== undefined) {
    if (current.tag !== closing) throw new SyntaxError(`</${closing}> closes <${current.tag}>`);
    close(open);
  } else {
    current.text += cdata ?? (characters === undefined ? '' : decodeEntities(characters));
  }
}

/** All elements of that name at any depth, in the order of the text. */
export function findAll(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...findAll(child, name)]);
}

export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function close(open: OpenElement[]): void {
  const { tag, attributes, children, text } = open.pop()!;
  open.at(-1)!.children.push({ name: tag.slice(tag.indexOf(':') + 1), attributes, children, text: text.trim() });
}

function parseAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const match of text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes[match[1]!] = decodeEntities(match[2] ?? match[3] ?? '');
  }
  return attributes;
}

const entities = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }));

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities.get(name) ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
