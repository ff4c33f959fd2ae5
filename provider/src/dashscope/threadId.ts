/** What the id of a thread consists of: `thread_e99a9fe7-0433-426f-98ad-a5139c36579c`; one such as `..` would lead elsewhere. */
export const threadId = /^[\w-]+$/;
