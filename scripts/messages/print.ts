import { renderMessages } from "./page";

/** `npm run messages`: provokes every message, and prints it. */
renderMessages().then(console.log);
