// The editor in the site's own colours. Both modes at once: the variables of app.css know which one it is.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--code-call)' },
  { tag: [tags.definition(tags.propertyName)], color: 'var(--code-call)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'var(--code-type)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--clay)' },
])

const box = { border: '2px solid var(--line)', borderRadius: 'var(--radius-1)', backgroundColor: 'var(--card)' }
// The library's own rules draw these with data: pictures, which the site's policy forbids.
const squiggle = (color: string) => ({
  backgroundImage: 'none',
  textDecoration: `underline wavy ${color}`,
  textDecorationSkipInk: 'none',
  textUnderlineOffset: '0.2em',
})
const marker = (color: string) => ({
  content: '""',
  boxSizing: 'border-box',
  width: '0.65em',
  height: '0.65em',
  borderRadius: '50%',
  backgroundColor: color,
})

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--card)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'inherit', fontFamily: 'var(--code)', lineHeight: '1.6' },
  '.cm-content': { padding: 'var(--space-2) 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 var(--space-3) 0 var(--space-2)' },
  '.cm-cursor, .cm-dropCursor': { borderLeft: '2px solid var(--ink)' },
  '.cm-gutters': { border: '0', backgroundColor: 'var(--sunken)', color: 'var(--muted)', userSelect: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '3ch', padding: '0 var(--space-2) 0 0' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in oklab, var(--sunken) 45%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--line)', color: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection':
    { backgroundColor: 'var(--code-selection)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--grass-wash)', outline: '1px solid var(--grass)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--clay-wash)', outline: '1px solid var(--clay)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--sun-wash)' },
  '.cm-searchMatch': { backgroundColor: 'var(--sun-wash)', outline: '1px solid var(--sun)' },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'var(--sun)', color: '#24312a' },
  '.cm-snippetField': { backgroundColor: 'var(--sunken)' },

  '.cm-panels': {
    zIndex: '2',
    backgroundColor: 'var(--sunken)',
    color: 'var(--ink)',
    font: '0.875rem/1.4 var(--body)',
  },
  '.cm-panels.cm-panels-top': { borderBottom: '2px solid var(--line)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '2px solid var(--line)' },
  '.cm-panel.cm-search, .cm-panel.cm-gotoLine': {
    padding: 'var(--space-2) var(--space-6) var(--space-2) var(--space-3)',
  },
  '.cm-panel input[type=checkbox]': { accentColor: 'var(--grass)', verticalAlign: 'middle' },
  '.cm-panel.cm-search label': { fontSize: 'inherit', whiteSpace: 'nowrap' },
  '.cm-textfield': {
    padding: '0.2rem var(--space-2)',
    border: '2px solid var(--field-line)',
    borderRadius: 'var(--radius-1)',
    backgroundColor: 'var(--card)',
    color: 'var(--ink)',
    fontSize: 'inherit',
  },
  '.cm-button': {
    padding: '0.2rem var(--space-2)',
    ...box,
    backgroundImage: 'none',
    color: 'var(--ink)',
    fontSize: 'inherit',
    cursor: 'pointer',
    '&:active': { backgroundImage: 'none', backgroundColor: 'var(--sunken)' },
  },
  '.cm-panel button[name=close]': {
    padding: '0 var(--space-2)',
    color: 'var(--ink)',
    fontSize: '1.25rem',
    cursor: 'pointer',
  },
  '.cm-panel :focus-visible': { outline: '3px solid var(--clay)', outlineOffset: '1px' },

  '.cm-tooltip': { ...box, color: 'var(--ink)', boxShadow: 'var(--shadow)', zIndex: '5' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    maxHeight: '15em',
    maxWidth: 'min(30rem, 90vw)',
    fontFamily: 'var(--code)',
    fontSize: '0.875rem',
    '& > li': { padding: 'var(--space-1) var(--space-2)' },
  },
  '.cm-tooltip.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--sun-wash)',
    color: 'var(--ink)',
  },
  '.cm-completionMatchedText': { color: 'var(--grass)', fontWeight: '700', textDecoration: 'none' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal' },
  '.cm-tooltip.cm-completionInfo': {
    maxWidth: '24rem',
    padding: 'var(--space-2) var(--space-3)',
    font: '0.875rem/1.5 var(--body)',
    '& code': { fontFamily: 'var(--code)', fontSize: '0.8125rem', color: 'var(--code-call)' },
    '& p': { margin: 'var(--space-1) 0 0' },
  },

  '.cm-lintRange-error': squiggle('var(--clay)'),
  '.cm-lintRange-warning, .cm-lintRange-info, .cm-lintRange-hint': squiggle('var(--sun)'),
  '.cm-lintRange-active': { backgroundColor: 'var(--clay-wash)' },
  '.cm-lint-marker': {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    width: '100%',
    height: '1.6em',
  },
  '.cm-gutter-lint': { width: '1.1em' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-lint-marker-error:before': marker('var(--clay)'),
  '.cm-lint-marker-error': { content: 'normal' },
  '.cm-diagnostic': {
    padding: 'var(--space-1) var(--space-3)',
    font: '0.875rem/1.5 var(--body)',
    overflowWrap: 'anywhere',
    maxWidth: 'min(32rem, 85vw)',
  },
  '.cm-diagnostic-error': { borderLeft: '5px solid var(--clay)' },
  '.cm-panel.cm-panel-lint ul [aria-selected], .cm-panel.cm-panel-lint ul:focus [aria-selected]': {
    backgroundColor: 'var(--sun-wash)',
    color: 'var(--ink)',
  },
})

export const theme: Extension = [look, syntaxHighlighting(highlight)]
