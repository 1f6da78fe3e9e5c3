// Every address of the site and the page behind it.
import { createRouter } from 'sv-router'
import AccountPage from './account/AccountPage.svelte'
import GamePage from './game/GamePage.svelte'
import InvitePage from './game/InvitePage.svelte'
import HomePage from './home/HomePage.svelte'
import { moveFocus } from './layout/focus.ts'
import Layout from './layout/Layout.svelte'
import NotFoundPage from './layout/NotFoundPage.svelte'
import SignInPage from './sign/SignInPage.svelte'
import SignUpPage from './sign/SignUpPage.svelte'
import EditorPage from './studio/EditorPage.svelte'
import StudioPage from './studio/StudioPage.svelte'

export const { p, navigate, route } = createRouter({
  '/': HomePage,
  '/games/:game': GamePage,
  '/r/:room': InvitePage,
  '/sign-in': SignInPage,
  '/sign-up': SignUpPage,
  '/account': AccountPage,
  '/studio': StudioPage,
  '/studio/:game': EditorPage,
  '*': NotFoundPage,
  layout: Layout,
  hooks: { afterLoad: moveFocus },
})
