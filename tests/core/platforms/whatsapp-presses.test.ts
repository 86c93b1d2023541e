import { describe, expect, it } from "vitest";
import { whatsapp } from "../../../core/platforms/whatsapp.ts";
import { messagesOf, rawRequest } from "../../contracts/platform-case.ts";
import { whatsappDelivery, whatsappNumber } from "../../fakes/platform-whatsapp.ts";

const settings = { WHATSAPP_PHONE_NUMBER_ID: whatsappNumber };

describe("a press in WhatsApp", () => {
  const read = (message: object) =>
    messagesOf(whatsapp.parse(rawRequest(whatsappDelivery({ id: "wamid.X", message })), settings))[0];

  it("is one of our reply buttons; a list or a template's button is only words", () => {
    const title = "Yes, please";
    expect(read({ type: "interactive", interactive: { button_reply: { id: "q:yes", title } } })?.pressed).toBe("q:yes");
    const list = read({ type: "interactive", interactive: { list_reply: { id: "q:yes", title } } });
    expect(list).toMatchObject({ text: title });
    expect(list).not.toHaveProperty("pressed");
    expect(read({ type: "button", button: { text: title, payload: "q:yes" } })).not.toHaveProperty("pressed");
  });
});
