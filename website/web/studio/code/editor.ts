// The code editor: CodeMirror behind a few verbs. Loaded only on a game's files page. It lives in a shadow root, where
// the library adopts style sheets, for which the site's policy needs no exception.
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Annotation, EditorState, type Extension, type StateEffect, Transaction } from '@codemirror/state'
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import type { CodeProblem } from '../../lib/api.ts'
import { type Apis, languageOf } from './language.ts'
import { rangeOf } from './problem.ts'
import { theme } from './theme.ts'

/** Made from the .d.ts files by vite.config.ts. */
declare const GAME_APIS: Apis

const LEAVE_MS = 60_000 // after Escape, Tab leaves; any other key ends that at once
const HELP = 'Tab indents. Press Escape, then Tab, to leave the text. Control S saves, Control F searches.'
const fromOutside = Annotation.define<true>()

export interface EditorOptions {
  /** Where it is drawn; it fills its host. */
  root: ShadowRoot
  /** Every change that a person made. */
  ontype: (text: string) => void
  onsave: () => void
}
/** A file that is or was shown: its text as the site has it, and its caret, history and scroll place while another is shown. */
interface Shown {
  text: string
  state: EditorState
  scroll?: StateEffect<unknown>
}

export class CodeEditor {
  #view: EditorView
  #options: EditorOptions
  #files = new Map<string, Shown>()
  #path = ''

  constructor(options: EditorOptions) {
    this.#options = options
    const help = document.createElement('p')
    help.id = 'help'
    help.hidden = true // described by it all the same
    help.textContent = HELP
    options.root.append(help)
    this.#view = new EditorView({ root: options.root, parent: options.root })
  }

  /** Shows a file's text. Another text for the same file comes in as a change around the caret; undo steps over it. */
  show(path: string, text: string): void {
    const known = this.#files.get(path)
    if (path !== this.#path) {
      const last = this.#files.get(this.#path)
      if (last) Object.assign(last, { state: this.#view.state, scroll: this.#view.scrollSnapshot() })
      this.#path = path
      const shown = known ?? { text, state: this.#start(path, text) }
      this.#files.set(path, shown)
      this.#view.setState(shown.state)
      if (shown.scroll) this.#view.dispatch({ effects: shown.scroll })
    }
    if (known && known.text !== text) this.#replace(known, text)
  }

  /** Marks the problem on its line if it is about the shown file; null clears the mark. */
  mark(problem: CodeProblem | null): void {
    const { state } = this.#view
    const range = problem?.file === this.#path ? rangeOf(state.doc, problem) : null
    const diagnostics = range && problem ? [{ ...range, severity: 'error' as const, message: problem.message }] : []
    this.#view.dispatch(setDiagnostics(state, diagnostics))
  }

  /** Selects a line, or puts the caret at a column of it (both from 1), in view and with focus. */
  jump(line: number, column?: number | undefined): void {
    const { doc } = this.#view.state
    const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
    const anchor = column === undefined ? from : Math.min(from + column - 1, to)
    const selection = { anchor, head: column === undefined ? to : anchor }
    this.#view.dispatch({ selection, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    this.#view.focus()
  }

  destroy(): void {
    this.#view.destroy()
  }

  #start(path: string, text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}`, 'aria-describedby': 'help' }),
        EditorView.updateListener.of(({ docChanged, transactions }) => {
          if (docChanged && !transactions.some((one) => one.annotation(fromOutside))) this.#typed()
        }),
        keymap.of([{ key: 'Mod-s', scope: 'editor search-panel', run: () => this.#save() }]),
        languageOf(path, GAME_APIS),
        common,
      ],
    })
  }

  #save(): true {
    this.#options.onsave()
    return true // also when there is nothing to save: the browser's own dialog helps nobody
  }

  #typed(): void {
    const shown = this.#files.get(this.#path)
    if (!shown) return
    const lineBreak = shown.text.includes('\r\n') ? '\r\n' : '\n' // a file keeps the line ends it came with
    shown.text = this.#view.state.doc.sliceString(0, undefined, lineBreak)
    this.#options.ontype(shown.text)
  }

  #replace(shown: Shown, text: string): void {
    shown.text = text
    const { state } = this.#view
    const before = state.doc.toString()
    const after = state.toText(text).toString()
    const most = Math.min(before.length, after.length)
    let start = 0
    while (start < most && before[start] === after[start]) start++
    let end = 0
    while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
    this.#view.dispatch({
      changes: { from: start, to: before.length - end, insert: after.slice(start, after.length - end) },
      annotations: [fromOutside.of(true), Transaction.addToHistory.of(false)],
    })
  }
}

const common: Extension = [
  lineNumbers(),
  lintGutter(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  dropCursor(),
  rectangularSelection(),
  EditorState.allowMultipleSelections.of(true),
  EditorState.tabSize.of(2),
  indentUnit.of('  '),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ icons: false }),
  search({ top: true }),
  highlightSelectionMatches(),
  EditorView.domEventHandlers({
    keyup: ({ key }, view) => {
      if (key === 'Escape') view.setTabFocusMode(LEAVE_MS)
    },
  }),
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...lintKeymap,
    ...defaultKeymap,
    { key: 'Tab', run: acceptCompletion },
    indentWithTab,
  ]),
  theme,
]
