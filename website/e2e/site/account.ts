// Somebody's own account: a new name, a new password, and the way out.
import { afterEach, expect, it } from 'vitest'
import { person, signUp } from '../people.ts'
import { browser, closeAll, site } from './site.ts'

afterEach(closeAll)

it('a person changes name and password, reads what would go, and deletes the account; each mistake is said at its field', async () => {
  const page = await person(browser)
  await signUp(page, site.url, 'Ida')
  const main = page.getByRole('main')
  await page.getByRole('link', { name: 'Ida' }).click()
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
  await main.getByLabel('Name').fill('Ida Lupino')
  await main.getByRole('button', { name: 'Save the name' }).click()
  await page.getByRole('link', { name: 'Ida Lupino' }).waitFor()

  const change = async (now: string, next: string) => {
    await main.getByLabel('Password now').fill(now)
    await main.getByLabel('New password').fill(next)
    await main.getByRole('button', { name: 'Change the password' }).click()
  }
  await change('wrong password', 'hunter two hunter')
  await main.getByRole('alert').getByText('This is not your password').waitFor()
  expect(await main.getByLabel('Password now').evaluate((input) => input === document.activeElement)).toBe(true)
  await change('correct horse battery', 'hunter two hunter')
  await main.getByRole('status').getByText('Changed.').waitFor()

  await main.getByRole('button', { name: 'Delete the account' }).click()
  const dialog = page.getByRole('dialog')
  const leave = async (password: string) => {
    await dialog.getByLabel('Your password').fill(password)
    await dialog.getByRole('button', { name: 'Delete it for good' }).click()
  }
  await leave('correct horse battery')
  await dialog.getByRole('alert').getByText('This is not your password').waitFor()
  await leave('hunter two hunter')
  await page.getByRole('heading', { name: 'Your account is deleted' }).waitFor()

  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('E-mail').fill('ida@example.com')
  await page.getByLabel('Password').fill('hunter two hunter')
  await main.getByRole('button', { name: 'Sign in' }).click()
  await main.getByRole('alert').getByText('do not match').waitFor()
  await page.getByText('Forgot your password?').click()
  await page.getByText('Ask whoever runs this site').waitFor()
})
