/**
 * Descriptions of pictures, two of the same and two of different ones. `TUNED` is what the local embedding was made on;
 * `HELD_OUT` was written before it, and looked at only when it was done.
 */
export interface PromptPairs {
  /** The same picture in other words. */
  alike: readonly (readonly [string, string])[];
  /** Other pictures, some of the same subject or in the same place. */
  different: readonly (readonly [string, string])[];
}

export const TUNED: PromptPairs = {
  alike: [
    ['一只橘猫在窗台上打盹', '窗台上有一只橘色的猫正在睡觉'],
    ['清晨的阳光洒在海面上，一艘小渔船缓缓驶出港口', '早晨阳光照着大海，小渔船慢慢离开港湾'],
    ['女孩坐在咖啡馆靠窗的位置看书', '一位少女在咖啡店的窗边读书'],
    ['智能手表戴在跑步者的手腕上，屏幕显示心率', '跑步的人手腕上戴着智能手表，表盘上是心率数据'],
    ['老人在公园里打太极拳，身后是秋天的银杏树', '秋日公园，银杏树前一位老年人练太极'],
    ['阳台上的番茄植株结满了红色的果实', '阳台番茄苗挂满红红的果子'],
    ['厨师在厨房里把面团擀成薄片', '厨房中，一名厨师正在擀面'],
    ['夜晚的城市街道，霓虹灯倒映在湿漉漉的地面上', '雨后的都市夜街，霓虹灯光映在潮湿路面'],
    ['一家三口在草地上野餐，旁边放着红格子餐布', '草坪上一家人野餐，铺着红色格子的布'],
    ['雪山脚下的木屋，烟囱冒着炊烟', '雪山下一座小木房，烟囱里升起白烟'],
    ['A ginger cat naps on a sunny windowsill', 'An orange cat sleeping on the window sill in sunlight'],
    ['A runner checks the heart rate on a smart watch', 'A jogger looks at her smartwatch showing the heart rate'],
    ['Ripe red tomatoes hang from a plant on a small balcony', 'A balcony tomato plant full of ripe red fruit'],
    [
      'An old fisherman repairs his net beside a wooden boat',
      'A fisherman, old and weathered, mending nets next to a wooden boat',
    ],
    [
      'A barista pours milk into a cup of coffee, drawing a leaf',
      'Close view of a barista making latte art of a leaf in a coffee cup',
    ],
    ['Children build a sandcastle on the beach at low tide', 'Kids building a castle of sand on a beach'],
    [
      'A red bicycle leans against a brick wall covered in ivy',
      'A bike painted red, leaning on an ivy-covered brick wall',
    ],
    [
      'A lighthouse on a cliff in a storm, waves crashing below',
      'Stormy sea: waves crash under a lighthouse on the cliffs',
    ],
    [
      'A woman in a yellow raincoat walks her dog through the rain',
      'In the rain a woman with a yellow coat is walking a dog',
    ],
    [
      'Two chess players concentrate over a board in a park',
      'Two men playing chess in the park, concentrating on the board',
    ],
  ],
  different: [
    ['一只橘猫在窗台上打盹', '一只橘猫在厨房里追逐毛线球，灯光昏暗'],
    ['清晨的阳光洒在海面上，一艘小渔船缓缓驶出港口', '清晨的阳光洒在麦田上，农民开着收割机'],
    ['女孩坐在咖啡馆靠窗的位置看书', '女孩坐在湖边的长椅上画画'],
    ['智能手表戴在跑步者的手腕上，屏幕显示心率', '智能手表放在充电底座上，旁边是一杯咖啡'],
    ['老人在公园里打太极拳，身后是秋天的银杏树', '老人在家里陪孙子下象棋'],
    ['阳台上的番茄植株结满了红色的果实', '手把番茄种子撒进装满泥土的花盆'],
    ['厨师在厨房里把面团擀成薄片', '厨师端着一盘烤鱼走向餐桌'],
    ['夜晚的城市街道，霓虹灯倒映在湿漉漉的地面上', '白天的城市公园，孩子们放风筝'],
    ['一家三口在草地上野餐，旁边放着红格子餐布', '一家三口在客厅沙发上看电视'],
    ['雪山脚下的木屋，烟囱冒着炊烟', '雪山顶上的登山者举起旗帜'],
    ['A ginger cat naps on a sunny windowsill', 'A ginger cat chases a ball of yarn through a dark kitchen'],
    ['A runner checks the heart rate on a smart watch', 'A smart watch lies on its charger beside a bed'],
    ['Ripe red tomatoes hang from a plant on a small balcony', 'Hands sow tomato seeds into a pot of soil'],
    ['An old fisherman repairs his net beside a wooden boat', 'An old man feeds pigeons on a city square'],
    ['A barista pours milk into a cup of coffee, drawing a leaf', 'Coffee beans dry in the sun on a farm'],
    ['Children build a sandcastle on the beach at low tide', 'A surfer rides a wave at sunset near the beach'],
    ['A red bicycle leans against a brick wall covered in ivy', 'A red kite flies over wide dunes'],
    ['A lighthouse on a cliff in a storm, waves crashing below', 'A cliff path leads hikers through green hills'],
    ['A woman in a yellow raincoat walks her dog through the rain', 'A woman in a red dress dances on a stage'],
    [
      'Two chess players concentrate over a board in a park',
      'Two players shake hands after a football match in a stadium',
    ],
  ],
};

export const HELD_OUT: PromptPairs = {
  alike: [
    ['一列高铁穿过油菜花田', '油菜花田间驶过一列高速列车'],
    ['孩子们在教室里举手回答问题', '教室中学生们纷纷举手发言'],
    ['年轻夫妻在新家里一起刷墙', '新房里，一对年轻夫妇正在粉刷墙壁'],
    ['茶艺师把热水倒入紫砂壶', '茶师往紫砂茶壶中注入热水'],
    ['一只熊猫抱着竹子坐在雨后的竹林里', '雨后竹林中，大熊猫坐着啃竹子'],
    ['快递员骑着电动车穿过拥挤的街道', '拥挤的马路上，送快递的小哥骑电动车前行'],
    ['宇航员漂浮在空间站的窗前，窗外是蓝色的地球', '空间站舷窗旁漂浮着一名宇航员，外面是蔚蓝地球'],
    ['母亲在床边给孩子讲睡前故事，台灯发出暖光', '暖黄台灯下，妈妈坐在床边为孩子念睡前故事'],
    ['古镇的石桥下，一条乌篷船划过', '乌篷船从古镇石桥下经过'],
    ['满桌年夜饭，全家人举杯庆祝春节', '春节，一家人围着一桌年夜饭碰杯'],
    ['A chef sprinkles salt over a steak in a busy kitchen', 'In a crowded kitchen the chef is salting a steak'],
    [
      'A steam train crosses a stone bridge in autumn forest',
      'A train with a steam engine passing over a stone bridge, autumn trees around',
    ],
    ['An astronaut plants a flag on a dusty red planet', 'On a red, dusty planet an astronaut is planting a flag'],
    [
      'A grandmother teaches her granddaughter to knit by the fire',
      'Grandmother and granddaughter knitting beside the fireplace',
    ],
    [
      'A drone view of a winding river through green rice terraces',
      'Aerial shot: a river winds between green terraces of rice',
    ],
    [
      'A violinist plays alone on an empty stage under one spotlight',
      'A lone violin player on a bare stage, lit by a single spotlight',
    ],
    ['Hikers rest around a campfire below a starry sky', 'Under the stars, hikers sit resting by a camp fire'],
    ['A farmer carries a basket of apples through an orchard', 'A farmer in the orchard carrying apples in a basket'],
    ['A robot arm assembles a car on a bright factory line', 'In a bright factory, robotic arms assembling cars'],
    ['A boy releases a paper boat into a rain puddle', 'A little boy sets a paper boat on a puddle after the rain'],
  ],
  different: [
    ['一列高铁穿过油菜花田', '养蜂人在油菜花田里检查蜂箱'],
    ['孩子们在教室里举手回答问题', '孩子们在操场上踢足球'],
    ['年轻夫妻在新家里一起刷墙', '年轻夫妻在机场告别'],
    ['茶艺师把热水倒入紫砂壶', '茶农在山坡上采摘新茶'],
    ['一只熊猫抱着竹子坐在雨后的竹林里', '一只小猴子在树枝间跳跃'],
    ['快递员骑着电动车穿过拥挤的街道', '快递仓库里机器人分拣包裹'],
    ['宇航员漂浮在空间站的窗前，窗外是蓝色的地球', '火箭从发射塔升空，火光照亮夜空'],
    ['母亲在床边给孩子讲睡前故事，台灯发出暖光', '母亲在菜市场挑选新鲜蔬菜'],
    ['古镇的石桥下，一条乌篷船划过', '古镇的小巷里，游客撑着油纸伞'],
    ['满桌年夜饭，全家人举杯庆祝春节', '春节庙会上，舞狮队伍敲锣打鼓'],
    ['A chef sprinkles salt over a steak in a busy kitchen', 'A waiter carries plates through a busy restaurant'],
    ['A steam train crosses a stone bridge in autumn forest', 'Commuters wait for a train on a crowded platform'],
    ['An astronaut plants a flag on a dusty red planet', 'An astronaut waves to children at a museum'],
    ['A grandmother teaches her granddaughter to knit by the fire', 'A grandmother waters roses in her garden'],
    ['A drone view of a winding river through green rice terraces', 'A drone delivers a parcel to a balcony'],
    ['A violinist plays alone on an empty stage under one spotlight', 'An orchestra bows before a cheering audience'],
    ['Hikers rest around a campfire below a starry sky', 'Hikers cross a rope bridge over a gorge at noon'],
    ['A farmer carries a basket of apples through an orchard', 'A farmer drives a tractor over a ploughed field'],
    ['A robot arm assembles a car on a bright factory line', 'A family washes their car in the driveway'],
    ['A boy releases a paper boat into a rain puddle', 'A boy reads a comic under a blanket with a torch'],
  ],
};
