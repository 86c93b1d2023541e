/**
 * The orders that matter most, in other languages than English, one rule for each language or family. `\b` knows ASCII
 * alone, so words end where no letter follows.
 */
import type { ThreatRule } from "./rule.ts";

const r = String.raw;
const word = (source: string): string => r`(?<!\p{L})(?:${source})(?!\p{L})`;
const gap = (chars: number): string => r`[^.!?]{0,${chars}}`;

const german = {
  ignore: word("ignorier(?:e|t|en sie)?|vergiss|vergesst|vergessen sie|missachten?(?: sie)?|verwirf|übergehe?"),
  rules: r`(?<![\p{L}-])(?:system|sicherheits)?-?(?:anweisung|instruktion|regel|vorgabe|richtlinie|prompt|befehl|anordnung)\p{L}*`,
};
const french = {
  ignore: word(
    "ignore[zr]?|oublie[zr]?|fai(?:s|tes) abstraction|néglige[zr]?|ne (?:tiens|tenez|suis|suivez) (?:pas|plus)",
  ),
  rules: "(?:instructions?|consignes?|directives?|règles|prompts?|ordres)",
};
const spanish = {
  ignore: word(
    "ignor(?:a|ad|ar|e|en)|olvid(?:a|ad|ar|e|en)(?:te|se)?|descarta|desobedece|haz caso omiso|no (?:hagas caso|sigas|obedezcas)",
  ),
  rules: "(?:instrucciones|reglas|indicaciones|órdenes|directrices|prompts?)",
};
const italian = {
  ignore: word("ignora(?:re|te)?|dimentica(?:re|te|ti)?|trascura|non (?:seguire|considerare|rispettare)"),
  rules: "(?:istruzioni|regole|direttive|indicazioni|ordini|prompt)",
};
const portuguese = {
  ignore: word("ignor[ae](?:r|m)?|esque[çc][ae](?:-se)?|desconsider[ae]|não siga"),
  rules: "(?:instruções|regras|diretrizes|ordens|comandos|prompt)",
};

/** In Romance languages what is old stands behind the noun. */
const after = (adjectives: string): string => r`\s+(?:\p{L}+\s+){0,2}(?:${adjectives})`;

export const languages: readonly ThreatRule[] = [
  {
    name: "an order to ignore instructions (German)",
    words: "ignorier vergiss vergess missacht verwirf übergeh",
    patterns: () => [
      new RegExp(
        `${german.ignore}${gap(40)}(?<![\\p{L}-])(?:bisherig|vorherig|vorig|vorangeg|vorangeh|obig|früher|ursprünglich|system)\\p{L}*(?:\\s+\\p{L}+)?\\s+${german.rules}`,
        "iu",
      ),
      new RegExp(
        `${german.ignore}\\s+(?:alle|sämtliche|deine|ihre|eure|die)\\s+(?:(?:deine|ihre|internen|anderen)\\s+){0,2}(?<=(?:alle|sämtliche|deine|ihre|eure|internen)\\s+|(?=system|sicherheits))${german.rules}(?!\\s+(?:in|im|für|zu|zum|zur|von|vom|über|der|des)(?!\\p{L}))`,
        "iu",
      ),
      new RegExp(
        `${german.ignore},?\\s+(?:alles,?\\s+)?(?:was\\s+(?:man\\s+)?(?:dir|ihnen|du|oben|bisher|davor|vorher|zuvor)|(?:das\\s+)?(?:obige|bisherige|vorherige)|oben|davor|zuvor)(?!\\p{L})`,
        "iu",
      ),
    ],
  },
  {
    name: "an order to ignore instructions (French)",
    words: "ignore oublie abstraction néglige tiens tenez suis suivez",
    patterns: () => [
      new RegExp(
        `${french.ignore}${gap(30)}${french.rules}${after("précédent\\p{L}*|antérieur\\p{L}*|ci-dessus|système|initial\\p{L}*|d['’]origine|reçu\\p{L}*")}`,
        "iu",
      ),
      new RegExp(
        `${french.ignore}\\s+(?:toutes?|tous|tes|vos)\\s+(?:(?:les|tes|vos|ces)\\s+)?${french.rules}(?!\\s+(?:de|du|des|pour|dans)(?!\\p{L})|\\s+d['’])`,
        "iu",
      ),
      new RegExp(
        `${french.ignore}\\s+tout\\s+ce\\s+(?:qui\\s+précède|qui\\s+est\\s+(?:écrit\\s+)?(?:ci-dessus|au-dessus|plus haut)|qu['’]on\\s+(?:t|vous)['’ ]?a\\s+dit|que\\s+(?:tu\\s+as|vous\\s+avez)\\s+(?:appris|reçu))`,
        "iu",
      ),
    ],
  },
  {
    name: "an order to ignore instructions (Spanish)",
    words: "ignor olvid descarta desobedece caso sigas obedezcas",
    patterns: () => [
      new RegExp(
        `${spanish.ignore}${gap(30)}${spanish.rules}${after("anterior(?:es)?|previas?|de arriba|del sistema|recibidas|originales|iniciales")}`,
        "iu",
      ),
      new RegExp(
        `${spanish.ignore}\\s+(?:todas|todos|tus|sus)\\s+(?:(?:las|los|tus|sus|estas)\\s+)?${spanish.rules}(?!\\s+(?:de|del|en|para|sobre)(?!\\p{L}))`,
        "iu",
      ),
      new RegExp(
        `${spanish.ignore}\\s+(?:todo\\s+)?(?:lo\\s+(?:anterior|de arriba|dicho)|lo\\s+que\\s+(?:te|le|os)\\s+(?:han\\s+)?(?:dicho|dijeron|enseñ\\p{L}+))`,
        "iu",
      ),
    ],
  },
  {
    name: "an order to ignore instructions (Italian)",
    words: "ignora dimentica trascura seguire considerare rispettare",
    patterns: () => [
      new RegExp(
        `${italian.ignore}${gap(30)}${italian.rules}${after("precedent\\p{L}*|anterior\\p{L}*|(?:di cui )?sopra|d[ei]l? sistema|iniziali|ricevute|originali")}`,
        "iu",
      ),
      new RegExp(
        `${italian.ignore}\\s+(?:tutte\\s+)?(?:le\\s+tue|le\\s+vostre|tutte\\s+le)\\s+(?:tue\\s+)?${italian.rules}(?!\\s+(?:di|del|della|per|in|su)(?!\\p{L}))`,
        "iu",
      ),
      new RegExp(
        `${italian.ignore}\\s+tutto\\s+(?:ciò|quello|quanto)\\s+(?:che\\s+)?(?:precede|ti\\s|sta\\s+sopra)`,
        "iu",
      ),
    ],
  },
  {
    name: "an order to ignore instructions (Portuguese)",
    words: "ignor esque desconsider siga",
    patterns: () => [
      new RegExp(
        `${portuguese.ignore}${gap(30)}${portuguese.rules}${after("anterior(?:es)?|prévi[ao]s|acima|do sistema|recebid[ao]s|originais|iniciais")}`,
        "iu",
      ),
      new RegExp(
        `${portuguese.ignore}\\s+(?:todas|todos|suas|tuas)\\s+(?:(?:as|os|suas|tuas)\\s+){0,2}${portuguese.rules}(?!\\s+(?:de|da|do|em|para|sobre|no|na)(?!\\p{L}))`,
        "iu",
      ),
      new RegExp(`${portuguese.ignore}\\s+tudo\\s+(?:acima|(?:o\\s+)?que\\s+(?:te|lhe|veio|foi))`, "iu"),
    ],
  },
  {
    name: "an order to ignore instructions (Dutch)",
    words: "negeer vergeet",
    patterns: () => [
      new RegExp(
        `${word("negeer|vergeet")}${gap(30)}(?:(?:vorige|eerdere|voorgaande|bovenstaande)(?:\\s+\\p{L}+)?\\s+|(?<!\\p{L})(?:alle|je|uw|jouw)\\s+(?:je\\s+|uw\\s+)?)(?:systeem)?(?:instructies?|opdrachten|regels|aanwijzingen|richtlijnen|prompts?)(?!\\p{L})(?!\\s+(?:in|van|voor|over)(?!\\p{L}))`,
        "iu",
      ),
    ],
  },
  {
    name: "an order to ignore instructions (Slavic)",
    words: "игнорируй забудь обращай следуй выполняй ігноруй ignoruj zapomnij pomiń zapomeň nedbej přehlížej",
    patterns: () => [
      new RegExp(
        `(?<!\\p{L})(?:игнорируй|проигнорируй|забудь|не обращай|не следуй|не выполняй)\\p{L}*${gap(30)}(?<!\\p{L})(?:предыдущ|прежн|вышеуказан|вышеизложен|все|всех|свои|твои|системн)\\p{L}*\\s+(?:\\p{L}+\\s+)?(?:инструкц|указани|правил|команд|промпт|директив|приказ)\\p{L}*(?!\\s+(?:в|для|о|об|из|про)(?!\\p{L}))`,
        "iu",
      ),
      /(?<!\p{L})(?:игнорируй|забудь)\p{L}*\s+вс[её],?\s+(?:что\s+(?:тебе|вам|было|выше)|выше)/iu,
      new RegExp(
        `(?<!\\p{L})(?:ігноруй|проігноруй|забудь)\\p{L}*${gap(30)}(?<!\\p{L})(?:попередн|усі|всі|системн|свої)\\p{L}*\\s+(?:\\p{L}+\\s+)?(?:інструкц|вказівк|правил|команд)\\p{L}*`,
        "iu",
      ),
      new RegExp(
        `(?<!\\p{L})(?:z?ignoruj|zapomnij|pomiń)\\p{L}*${gap(20)}(?<!\\p{L})(?:poprzedni|wcześniejsz|powyższ|wszystki|swoje|twoje|systemow)\\p{L}*\\s+(?:\\p{L}+\\s+)?(?:instrukcj|poleceni|poleceń|zasad|wytyczn|reguł)\\p{L}*(?!\\s+(?:w|dla|o|z)(?!\\p{L}))`,
        "iu",
      ),
      new RegExp(
        `(?<!\\p{L})(?:ignoruj|zapomeň|nedbej|přehlížej)\\p{L}*${gap(20)}(?<!\\p{L})(?:předchoz|dosavadn|všech|veškeré|výše|systémov|své)\\p{L}*\\s+(?:\\p{L}+\\s+)?(?:pokyn|instrukc|pravid|příkaz)\\p{L}*(?!\\s+(?:v|ve|pro|o|z)(?!\\p{L}))`,
        "iu",
      ),
    ],
  },
  {
    name: "an order to ignore instructions (Turkish, Arabic, Hindi)",
    words: "talimat komut yönerge kurallar تجاهل انس تتبع निर्देश नियम आदेश",
    patterns: () => [
      /(?:önceki|yukarıdaki|tüm|bütün|sistem)[^.!?]{0,12}(?:talimat|komut|yönerge|kurallar)\p{L}*[^.!?]{0,12}(?:yok ?say|görmezden gel|unut|dikkate alma|göz ardı)/iu,
      /(?:تجاهل|انس|لا تتبع)(?=[^.!?؟\n]{0,60}(?:السابق|جميع|كل|أعلاه|النظام))[^.!?؟\n]{0,25}(?:التعليمات|الأوامر|القواعد|التوجيهات)/u,
      /(?:पिछले|पहले के|सभी|ऊपर)[^।!?\n]{0,20}(?:निर्देश|नियम|आदेश)[^।!?\n]{0,24}(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल|उपेक्षा)/u,
    ],
  },
  {
    name: "an order to ignore instructions (Chinese, Japanese, Korean)",
    words: "忽略 无视 無視 忘 不要 従わな 破棄 무시 잊 따르지",
    patterns: () => [
      /(?:忽略|无视|無視|忘记|忘記|忘掉|不要遵守|不要理会|不要理會)[^。！？\n]{0,8}(?:之前|以前|先前|上面|上述|以上|前面|所有|全部|系统|系統|你的)[^。！？\n]{0,6}(?:指令|指示|规则|規則|提示|命令|设定|設定)/u,
      /(?:忽略|无视|無視)(?:以上|上述|上面)(?:的)?(?:所有|全部|一切)?(?:内容|內容|文字)/u,
      /(?:これまで|以前|前述|上記|上|先ほど|すべて|全て|システム)の?[^。！？\n]{0,4}(?:指示|命令|プロンプト|指令|ルール)[^。！？\n]{0,6}(?:無視|忘れ|従わな|破棄)/u,
      /(?:이전|앞선|앞의|위의|지금까지|모든|시스템)[^.!?\n]{0,8}(?:지시|명령|프롬프트|지침)[^.!?\n]{0,8}(?:무시|잊|따르지)/u,
    ],
  },
  {
    name: "a new role for you (other languages)",
    words: "du es êtes désormais eres adelante sei d'ora d’ora agora partir ты 你 あなた 너는 당신은",
    patterns: () => [
      /(?<!\p{L})du bist (?:jetzt|nun|ab (?:jetzt|sofort)|nicht (?:mehr|länger))(?!\s+(?:in|im|auf|bei|mit|am|an|dran|verbunden|angemeldet)(?!\p{L}))/iu,
      /(?<!\p{L})(?:ab (?:jetzt|sofort)|von (?:jetzt|nun) an) (?:bist|musst|wirst|antwortest|gehorchst) du(?!\p{L})/iu,
      /(?<!\p{L})(?:tu es|vous êtes) (?:maintenant|désormais|à présent)\s+(?:un|une|le|la|mon|l['’])|(?<!\p{L})(?:à partir de maintenant|désormais),? (?:tu|vous) (?:es|êtes|dois|devez)(?!\p{L})/iu,
      /(?<!\p{L})(?:ahora eres|a partir de ahora,? (?:eres|debes|serás|tienes que)|de ahora en adelante,? (?:eres|debes|serás))(?!\p{L})/iu,
      /(?<!\p{L})(?:ora sei|d['’]ora in poi (?:sei|devi|sarai)|agora você é|a partir de agora,? (?:você|tu) (?:é|és|deve))(?!\p{L})/iu,
      /(?<!\p{L})(?:теперь ты|отныне ты|с этого момента ты)(?!\p{L})|(?:你现在是|你現在是|从现在起你|從現在起你|从现在开始，?你(?:是|必须|要))|(?:あなたは今から|これからあなたは)|(?:이제부터 너는|지금부터 당신은)/iu,
    ],
  },
  {
    name: "an order not to ask for approval (other languages)",
    words:
      "frag bitte warte ohne demande sans permiso aprobaci confirmaci autorizaci preguntar pedir sin approvazione permesso conferma autorizzazione aprova permiss confirma autoriza разрешени подтвержден согласи одобрени 批准 许可 許可 确认 確認 同意 授权 授權 承認",
    patterns: () => [
      /(?<!\p{L})(?:frage?|fragt|fragen sie|bitte|bitten sie|warte)(?!\p{L})[^.!?]{0,30}(?<!\p{L})(?:nie(?:mals)?|nicht|keinesfalls)(?!\p{L})[^.!?]{0,20}(?<!\p{L})(?:(?:um|nach|auf)(?!\p{L})[^.!?]{0,20}(?:erlaubnis|bestätigung|genehmigung|zustimmung|freigabe)|bevor du(?!\p{L}))/iu,
      /(?<!(?<!\p{L})(?:nie|niemals|nicht|nichts|kein\p{L}*|hasst|stört|ärgert)(?!\p{L})[^.!?]{0,60})(?<!\p{L})(?:lösche|sende|schicke?|führe|bezahle|überweise|veröffentliche)(?!\p{L})(?:(?!nicht|nie|kein)[^.!?]){0,40}(?<!\p{L})ohne\s+(?:vorher\s+)?(?:zu fragen|nachfrage|rückfrage|nachzufragen|bestätigung|genehmigung|freigabe|zustimmung|erlaubnis)/iu,
      /(?<!\p{L})ne demande[zr]? (?:jamais|pas|plus)[^.!?]{0,30}(?:autorisation|permission|confirmation|accord|approbation)|(?<![nN]['’e][^.!?]{0,40})(?<!\p{L})(?:supprime|efface|envoie|exécute|paie|publie)[zr]?(?!\p{L})[^.!?]{0,40}sans (?:demander|autorisation|confirmation|permission|validation)/iu,
      /(?<!\p{L})(?:nunca|no|jamás) (?:pidas|pida|solicites|preguntes|esperes)[^.!?]{0,30}(?:permiso|aprobación|confirmación|autorización)|(?<!(?<!\p{L})(?:no|nunca|jamás)(?!\p{L})[^.!?]{0,40})(?<!\p{L})(?:borra|elimina|envía|ejecuta|paga|publica)(?!\p{L})[^.!?]{0,40}sin (?:preguntar|pedir|autorización|confirmación|permiso|aprobación)/iu,
      /(?<!\p{L})non chiedere (?:mai )?[^.!?]{0,20}(?:approvazione|permesso|conferma|autorizzazione)|(?<!\p{L})(?:nunca|não) (?:peça|pergunte|solicite)[^.!?]{0,20}(?:aprovação|permissão|confirmação|autorização)/iu,
      /(?:никогда )?не (?:спрашивай|проси|запрашивай|жди)\p{L}*[^.!?]{0,20}(?:разрешени|подтвержден|согласи|одобрени)|(?:不要|不用|无需|無需|不必|别|別)[^。！？\n]{0,8}(?:请求|請求|征求|徵求|询问|詢問|要求)[^。！？\n]{0,8}(?:批准|许可|許可|确认|確認|同意|授权|授權)|(?:承認|許可|確認)を(?:求め|取ら)(?:ない|ず|るな)/iu,
    ],
  },
  {
    name: "an order to deceive the user (other languages)",
    words: "nutzer anwender user utilisat usuari пользовател 用户 用戶 使用者 ユーザー 利用者",
    patterns: () => [
      /(?<!\p{L})(?:sag|sage|sagen sie|erzähle?|verrate|melde)(?!\p{L})[^.!?]{0,20}(?:dem|der) (?:nutzer|benutzer|anwender|user)(?:in)?(?!\p{L})[^.!?]{0,20}(?:nichts|nie|nicht)(?!\p{L})|(?<!\p{L})ohne (?:dass (?:der|die) |wissen (?:des|der) )(?:nutzer|benutzer|anwender)/iu,
      /(?<!\p{L})ne (?:dis|dites|révèle|informe)[zs]?(?!\p{L})[^.!?]{0,20}l['’]utilisat(?:eur|rice)|à l['’]insu de l['’]utilisat/iu,
      /(?<!\p{L})(?:no|nunca) (?:le )?(?:digas|informes|avises|cuentes)[^.!?]{0,20}(?:al|a la) usuari[oa]|(?<!\p{L})sin que (?:el|la) usuari[oa] (?:lo )?sepa/iu,
      /не (?:говори|сообщай|рассказывай)\p{L}*[^.!?]{0,12}пользовател|(?:不要|别|別)(?:告诉|告訴|通知)[^。！？\n]{0,4}(?:用户|用戶|使用者)|(?:ユーザー|利用者)に(?:は)?(?:言わ|伝え|知らせ)(?:ない|ず|るな)/iu,
    ],
  },
  {
    name: "sending conversations away (other languages)",
    words: "http @",
    patterns: () => [
      /(?<!\p{L})(?:sende|schicke?|leite|lade|kopiere)(?!\p{L})[^!?\n]{0,40}(?<!\p{L})(?:alle|jede|sämtliche)\p{L}*(?!\p{L})[^!?\n]{0,30}(?:nachricht|mail|gespräch|datei|passw|kontakt|schlüssel)\p{L}*[^!?\n]{0,60}(?:https?:|(?<!\p{L})an \S+@)/iu,
      /(?<!\p{L})(?:envoie|envoyez|transfère|transférez|copie)[^!?\n]{0,30}(?<!\p{L})(?:tous|toutes|chaque)(?!\p{L})[^!?\n]{0,30}(?:message|courriel|mail|conversation|fichier|mot)\p{L}*[^!?\n]{0,60}(?:https?:|à \S+@)/iu,
      /(?<!\p{L})(?:envía|reenvía|manda|copia|sube)[^!?\n]{0,30}(?<!\p{L})(?:todos|todas|cada)(?!\p{L})[^!?\n]{0,30}(?:mensaje|correo|conversaci|archivo|contraseña)\p{L}*[^!?\n]{0,60}(?:https?:|(?<!\p{L})a \S+@)/iu,
      /(?:отправляй|пересылай|отправь)\p{L}*[^!?\n]{0,30}(?:все|кажд)\p{L}*[^!?\n]{0,30}(?:сообщени|письм|файл|переписк)\p{L}*[^!?\n]{0,60}(?:https?:|на \S+@)|(?:发送|發送|转发|轉發|上传|上傳)[^。！？\n]{0,20}(?:https?:|\S+@\S+)|把(?:所有|全部)[^。！？\n]{0,20}(?:发|發|转|轉|传|傳)[^。！？\n]{0,10}(?:https?:|\S+@)/iu,
    ],
  },
];
