"""Sentences in each language: to hear a voice say, and to read aloud when one is recorded."""

from typing import Final

AUDITION: Final = {
    "zh": "你好，这是我的声音。今天天气很好。",
    "en": "Hello, this is what I sound like. It is a pleasure to meet you.",
    "ja": "こんにちは、これが私の声です。どうぞよろしく。",
    "ko": "안녕하세요, 이것이 제 목소리입니다. 만나서 반갑습니다.",
    "de": "Guten Tag, so klinge ich. Schön, Sie kennenzulernen.",
    "fr": "Bonjour, voici ma voix. Ravi de vous rencontrer.",
    "ru": "Здравствуйте, так звучит мой голос. Приятно познакомиться.",
    "pt": "Olá, esta é a minha voz. Muito prazer em conhecer.",
    "es": "Hola, así suena mi voz. Mucho gusto en conocerle.",
    "it": "Salve, questa è la mia voce. Piacere di conoscerla.",
}
"""For an audition without a text, by the voice's own language."""

READING: Final = {
    "zh": "早上好。昨晚下了一场雨，街上的空气很清新。我走到河边，看见几只白鹭站在水里，安静地等着鱼儿游过。",
    "en": "Good morning. It rained last night, and the air in the street is fresh. I walked down to the river, "
    "where a few white birds stood in the water and waited quietly for fish.",
    "ja": "おはようございます。昨日の夜は雨が降って、今朝の空気はとても気持ちがいいです。"
    "川まで歩いていくと、白い鳥が水の中で静かに魚を待っていました。",
    "ko": "좋은 아침입니다. 어젯밤에 비가 와서 거리의 공기가 상쾌합니다. "
    "강가로 걸어가 보니 하얀 새 몇 마리가 물속에 서서 조용히 물고기를 기다리고 있었습니다.",
    "de": "Guten Morgen. Heute Nacht hat es geregnet, und die Luft ist frisch. Ich ging hinunter zum Fluss, "
    "wo ein paar weiße Vögel im Wasser standen und still auf Fische warteten.",
    "fr": "Bonjour. Il a plu cette nuit, et l'air de la rue est frais. Je suis descendu vers la rivière, "
    "où quelques oiseaux blancs attendaient les poissons en silence.",
    "ru": "Доброе утро. Ночью прошёл дождь, и воздух на улице свежий. Я спустился к реке, "
    "где в воде стояли белые птицы и тихо ждали рыбу.",
    "pt": "Bom dia. Choveu durante a noite, e o ar da rua está fresco. Desci até o rio, "
    "onde algumas aves brancas esperavam em silêncio pelos peixes.",
    "es": "Buenos días. Anoche llovió, y el aire de la calle está fresco. Bajé hasta el río, "
    "donde unas aves blancas esperaban en silencio a los peces.",
    "it": "Buongiorno. Stanotte ha piovuto, e l'aria della strada è fresca. Sono sceso fino al fiume, "
    "dove alcuni uccelli bianchi aspettavano i pesci in silenzio.",
}
"""Six to twelve seconds at an easy pace: enough for a voice, and with many of the language's sounds."""
