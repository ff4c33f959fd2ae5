"""Makes every call on conversations and items with the official client, and prints the result of each as a line of JSON."""

import json

from openai import APIStatusError, OpenAI

# The base URL and the key come from the environment.
client = OpenAI(max_retries=0)
conversations = client.conversations


def report(call, make):
    try:
        result = make()
        described = result if isinstance(result, dict) else result.to_dict(mode="json")
        described["_request_id"] = getattr(result, "_request_id", None)
    except APIStatusError as error:
        result = None
        message = error.body.get("message") if isinstance(error.body, dict) else None
        described = {
            "status": error.status_code,
            "code": error.code,
            "type": error.type,
            "message": message,
            "_request_id": error.request_id,
        }
    print(json.dumps({"call": call, "result": described}))
    return result


def list_page(limit=20):
    page = conversations.items.list(conversation.id, limit=limit)
    return {"data": [item.to_dict() for item in page.data], "last_id": page.last_id, "has_more": page.has_more}


def list_all():
    pages = conversations.items.list(conversation.id, order="asc", limit=3)
    return {"data": [item.to_dict() for item in pages]}


report("create empty", lambda: conversations.create())
conversation = report(
    "create",
    lambda: conversations.create(
        items=[
            {"type": "message", "role": "system", "content": "Be brief."},
            {"type": "message", "role": "user", "content": "Hello"},
        ],
        metadata={"team": "support", "env": "test"},
    ),
)
report("retrieve", lambda: conversations.retrieve(conversation.id))
report("update", lambda: conversations.update(conversation.id, metadata={"team": "sales"}))
report("update nothing", lambda: conversations.update(conversation.id, metadata=None))

added = report(
    "create items",
    lambda: conversations.items.create(
        conversation.id,
        items=[
            {
                "type": "message",
                "role": "assistant",
                "id": "msg_given",
                "status": "completed",
                "content": [{"type": "output_text", "text": "How can I help?", "annotations": []}],
            },
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "A question"}]},
        ],
    ),
)
report("list items", list_page)
report("list all items", list_all)
item = {"item_id": added.last_id, "conversation_id": conversation.id}
report("retrieve item", lambda: conversations.items.retrieve(**item))
report("delete item", lambda: conversations.items.delete(**item))
report("retrieve deleted item", lambda: conversations.items.retrieve(**item))
report("list with a wrong limit", lambda: list_page(101))
report("wrong key", lambda: client.with_options(api_key="sk-wrong").conversations.retrieve(conversation.id))
wrong = client.with_options(base_url=str(client.base_url).replace("/v1", "/v2"))
report("wrong base URL", lambda: wrong.conversations.retrieve(conversation.id))
report("delete", lambda: conversations.delete(conversation.id))
report("delete again", lambda: conversations.delete(conversation.id))
report("retrieve deleted", lambda: conversations.retrieve(conversation.id))
report("update deleted", lambda: conversations.update(conversation.id, metadata={}))
