// A chosen file as the text that travels to the server.

/** The bytes of `file` in base64. Throws when the file cannot be read any more. */
export function readBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader() // the one way that neither needs a stack as long as the file nor a loop over its bytes
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '')
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}

const UNITS = ['bytes', 'KB', 'MB'] as const
/** "12 KB", as file managers say it. */
export function sizeText(bytes: number): string {
  let size = bytes
  let unit = 0
  for (; size >= 1_000 && unit < UNITS.length - 1; unit++) size /= 1_000
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`
}
