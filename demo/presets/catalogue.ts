// SPDX-License-Identifier: Apache-2.0
// A hundred tools, as an assistant with many plug-ins has them: more than the network looks at, so that retrieval must
// choose. One line a tool: name | what it does | arguments, `!` where required, `:int` and `:number` where not text.
import type { Tool } from 'needle-router';

const lines = `
turn_on_lights | Turn the lights of a room on. | room! Name of the room
turn_off_lights | Turn the lights of a room off. | room! Name of the room
set_light_brightness | Dim or brighten the lights of a room. | room! Name of the room; brightness:int! Brightness in percent
set_light_color | Change the colour of the lights of a room. | room! Name of the room; color! Colour of the light
open_blinds | Open the blinds of a room. | room Name of the room
close_blinds | Close the blinds of a room. | room Name of the room
set_thermostat | Set the target temperature of the heating or air conditioning. | temperature:number! Target temperature in degrees
lock_door | Lock a door. | door! Which door
unlock_door | Unlock a door. | door! Which door
start_vacuum | Let the robot vacuum clean a room. | room Name of the room
water_garden | Water the garden. | minutes:int How long
arm_alarm_system | Switch the burglar alarm on. | mode Home or away
play_music | Play music. | query! What to play: a song, an artist, an album or a genre
stop_music | Stop or pause the music. |
next_track | Skip to the next song. |
set_volume | Set the volume of the music. | level:int! Volume in percent
play_podcast | Play a podcast. | podcast! Name of the podcast
play_radio | Play a radio station. | station! Name of the station
add_to_playlist | Add a song or an artist to a playlist. | item! The song or artist; playlist! Name of the playlist
search_movie | Search for films or series. | title Title of the film or series; genre Genre
rate_item | Rate a book, a film or a song. | item! What is rated; stars:int! Number of stars
set_timer | Start a countdown timer. | duration! Length of the timer; label What the timer is for
set_alarm | Set an alarm clock to wake the user up at a time. | time! Time of the alarm
cancel_alarm | Switch an alarm off. | time Time of the alarm
create_reminder | Remind the user to do something. | text! What to be reminded of; time When to remind
create_event | Add an event or meeting to the calendar. | title! Title of the event; time Date and time of the event; attendee Who is invited
get_events | Look up what is in the calendar. | date Day to look at
cancel_event | Remove an event from the calendar. | title! Title of the event
add_to_list | Add an item to a list. | item! What to add; list Name of the list
take_note | Write a note down. | text! What to note
send_message | Send a text message to somebody. | recipient! Who gets the message; text! What the message says
read_messages | Read new messages aloud. | sender From whom
call_contact | Call somebody on the phone. | contact! Who to call
send_email | Send an e-mail. | recipient! Who gets it; subject What it is about; body What it says
search_email | Search the mailbox. | query! What to look for
add_contact | Save the details of a person. | name! Name of the person; phone Phone number; email E-mail address
share_location | Share where the user is with somebody. | recipient! Who may see it
post_update | Post on social media. | text! What to post
get_weather | Get the weather forecast of a place. | city Name of the city; date Day of the forecast
get_news | Read the news. | topic What about
get_directions | Get directions to a destination, or navigate there. | destination! Where to go; origin Where to start
get_traffic | Report how the traffic is. | location Road or place
get_distance | Tell how far it is to a place. | destination! The place
find_place | Find places of a kind, such as restaurants or petrol stations. | category! Kind of place; location Where to look
find_parking | Find a place to park the car. | location Where
book_ride | Book a taxi or a ride. | destination! Where to go; pickup Where to be picked up
book_restaurant | Book a table at a restaurant. | restaurant! Name of the restaurant; people:int How many people; time When the table is needed
order_food | Order food to be delivered. | dish! What to eat; restaurant From where
get_recipe | Find a recipe. | dish! What to cook
book_hotel | Book a hotel room. | city! City of the hotel; nights:int Number of nights
book_flight | Book a flight. | destination! Where to fly to; origin Where to fly from; date Day of the flight
book_train | Book a train ticket. | destination! Where to go; origin Where to start; date Day of travel
flight_status | Tell whether a flight is on time. | flight_number! Number of the flight
check_in_flight | Check in for a flight. | booking_code! Code of the booking
rent_car | Rent a car. | city! Where; days:int How many days
search_products | Search the shop for products. | query! What is looked for; max_price:number Highest price
add_to_cart | Put a product into the shopping cart. | product! Name of the product; quantity:int How many
remove_from_cart | Take a product out of the shopping cart. | product! Name of the product
track_order | Tell where an order is. | order_number! Number of the order
cancel_order | Cancel an order. | order_number! Number of the order
return_item | Send a product back and ask for a refund. | product! What is returned
apply_coupon | Apply a coupon or discount code. | code! The code
change_address | Change the delivery address. | address! The new address
talk_to_human | Connect the customer with a person. |
get_balance | Tell the balance of a bank account. | account Which account
transfer_money | Send money to somebody. | recipient! Who gets it; amount:number! How much
pay_bill | Pay a bill. | biller! Whose bill; amount:number How much
freeze_card | Block a bank card. | card Which card
get_transactions | List recent payments. | merchant Where the money went
convert_currency | Convert an amount of money to another currency. | amount:number! How much; to_currency! Into which currency; from_currency From which currency
get_stock_price | Tell the price of a share. | company! Name of the company
buy_stock | Buy shares of a company. | company! Name of the company; shares:int! How many
create_invoice | Write an invoice. | customer! Who pays; amount:number! How much
translate_text | Translate words into another language. | text! What to translate; language! Into which language
define_word | Look up what a word means. | word! The word
spell_word | Spell a word. | word! The word
calculate | Calculate something. | expression! What to calculate
convert_units | Convert between units of measure. | value:number! How much; unit! Into which unit
web_search | Search the web. | query! What to look for
get_time | Tell the time in a place. | city Name of the city
log_meal | Note down what was eaten. | food! What was eaten
log_workout | Note down a workout. | activity! What was done; minutes:int How long
log_weight | Note down the body weight. | weight:number! How much
track_steps | Tell how many steps were walked. | date Which day
start_meditation | Start a guided meditation. | minutes:int How long
book_doctor | Make an appointment with a doctor. | specialty What kind of doctor; time When
refill_prescription | Order a medicine again. | medicine! Name of the medicine
find_pharmacy | Find a pharmacy that is open. | location Where
create_ticket | Report a problem to the help desk. | title! What is wrong; priority How urgent
assign_ticket | Give a ticket to somebody. | ticket! Number of the ticket; assignee! Who takes it
close_ticket | Close a ticket. | ticket! Number of the ticket
run_backup | Back files up. | folder What to back up
open_file | Open a file. | name! Name of the file
delete_file | Delete a file. | name! Name of the file
resize_image | Change the size of a picture. | name! Name of the picture; width:int! New width in pixels
open_app | Open an app. | app! Name of the app
take_photo | Take a photo. |
take_screenshot | Take a picture of the screen. |
set_brightness | Set the brightness of the screen. | level:int! Brightness in percent
toggle_wifi | Switch the wireless network on or off. |
`;

const typeNames: Record<string, string> = { int: 'integer', number: 'number' };

function toolOf(line: string): Tool {
  const [name = '', description = '', fields = ''] = line.split('|').map((part) => part.trim());
  const properties: Record<string, { type: string; description: string }> = {};
  const required: string[] = [];
  for (const field of fields.split(';').filter((text) => text.trim() !== '')) {
    const [, key = '', type = '', mark, about = ''] = /^\s*(\w+)(?::(\w+))?(!?)\s*(.*)$/.exec(field) ?? [];
    properties[key] = { type: typeNames[type] ?? 'string', description: about };
    if (mark) required.push(key);
  }
  return { name, description, parameters: { type: 'object', properties, ...(required.length > 0 && { required }) } };
}

export const catalogue: Tool[] = lines.trim().split('\n').map(toolOf);
