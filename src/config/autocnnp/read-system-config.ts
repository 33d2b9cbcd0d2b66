import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { AutopilotError, messageOf } from '../../domain/errors.ts';

/** An element of the XML file: its name, attributes, text and children, in order. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: XmlElement[];
}

/** Reads an Auto-CNNp training config file (thesis Listing 4.1). Throws, with file and line, if it is not one. */
export function readSystemConfig(xml: string, file: string): XmlElement {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    const { line, msg } = valid.err;
    throw new AutopilotError('autocnnp.xml', `${file}:${line}: ${msg.replace(/\.$/, '')}; correct the XML.`);
  }
  const elements = parsed(xml, file)
    .flatMap(elementOf)
    .filter(({ name }) => !name.startsWith('?'));
  const root = elements[0];
  if (root?.name !== 'system_config') {
    throw new AutopilotError(
      'autocnnp.xml',
      `${file}: the root element is <${root?.name ?? ''}>; an Auto-CNNp config has <system_config>. Name another file.`,
    );
  }
  return root;
}

type RawNode = Record<string, unknown>;

/** References in running text: comments, CDATA sections and the document type have none. */
const references = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|&([A-Za-z_:][\w:.-]*);/g;
const ownEntities = ['amp', 'lt', 'gt', 'quot', 'apos'];

/** Refuses entities other than XML's own five: what they stand for is declared elsewhere, or by another language. */
function refuseEntities(xml: string, file: string): void {
  for (const { index, 1: name } of xml.matchAll(references)) {
    if (name === undefined || ownEntities.includes(name)) continue;
    const line = xml.slice(0, index).split('\n').length;
    throw new AutopilotError(
      'autocnnp.xml',
      `${file}:${line}: &${name}; is not one of XML's own entities; write the text itself.`,
    );
  }
}

/** The file's nodes; XML's own entities and characters by number (`&amp;`, `&#38;`) are expanded. */
function parsed(xml: string, file: string): RawNode[] {
  refuseEntities(xml, file);
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    trimValues: true,
    processEntities: true,
    // For the numeric ones.
    htmlEntities: true,
  });
  try {
    return parser.parse(xml) as RawNode[];
  } catch (cause) {
    throw new AutopilotError('autocnnp.xml', `${file}: ${messageOf(cause)}; write the text itself in the XML.`, {
      cause,
    });
  }
}

function elementOf(node: RawNode): XmlElement[] {
  const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
  if (name === undefined) return [];
  const inner = node[name] as RawNode[];
  return [
    {
      name,
      attributes: (node[':@'] as Record<string, string> | undefined) ?? {},
      text: inner
        .map((child) => (child['#text'] === undefined ? '' : String(child['#text'])))
        .join('')
        .trim(),
      children: inner.flatMap(elementOf),
    },
  ];
}

export function childNamed(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of its `<path>`, or its own text. */
export function pathIn(element: XmlElement | undefined): string | undefined {
  return childNamed(element, 'path')?.text ?? (element?.text === '' ? undefined : element?.text);
}
